import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acpiPowerMeter7 } from '../fixtures/machines/hwmon.ts'
import { InferenceServer } from '../workloads/inference-server.ts'
import { Host } from './agent.ts'
import { bare } from './bare.ts'

const PER_REQUEST =
  'wattledger_workload_joules_per_unit{workload="chat",boundary="machine",unit="request",window="10s"}'

test('a real agent shows joules per request of a server on its machine, over its restart too', async () => {
  await using server = await InferenceServer.start('vllm', Date.now() / 1e3 - 60)
  // 287 W at the input of the machine, and twenty requests a second.
  await using host = new Host(
    { ...bare, ...acpiPowerMeter7 },
    {
      sensors: { hwmon: { interval: '1s' } },
      workloads: [
        { name: 'chat', url: server.url, preset: 'vllm', interval: '1s', boundary: 'machine', windows: ['10s'] },
      ],
    },
  )
  const beganMs = performance.now()
  let served = 0
  const serve = () => {
    const due = Math.floor((performance.now() - beganMs) / 50)
    server.serve(due - served)
    served = due
  }
  server.answer = (_, response) => {
    serve()
    server.show(response)
  }
  const agent = await host.start()
  const isNear = (value: number | undefined) => value !== undefined && Math.abs(value / (287 / 20) - 1) < 0.05
  const samples = await agent.scrapeUntil(
    (found) =>
      isNear(found.get(PER_REQUEST)) &&
      (found.get('wattledger_workload_units_total{workload="chat",unit="request"}') ?? 0) > 100,
  )
  assert.equal(samples.get('wattledger_workload_up{workload="chat"}'), 1)
  assert.ok([...samples.keys()].some((name) => name.startsWith('wattledger_workload_grams_per_unit{')))
  server.restart(Date.now() / 1e3)
  await agent.scrapeUntil((found) => found.get('wattledger_workload_restarts_total{workload="chat"}') === 1)
  assert.equal(await agent.stop(), 0, agent.stderr)
})
