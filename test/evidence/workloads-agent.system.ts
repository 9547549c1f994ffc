import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JOULES_PER_REQUEST, ServedMachine } from './served-machine.ts'

const UNITS = 'wattledger_workload_units_total{workload="chat",unit="request"}'
const PER_REQUEST =
  'wattledger_workload_joules_per_unit{workload="chat",boundary="machine",unit="request",window="10s"}'

test('a real agent shows joules per request of a server on its machine, and sees its restart', async () => {
  await using machine = await ServedMachine.start()
  const agent = await machine.host.start()
  const isNear = (value = 0) => Math.abs(value / JOULES_PER_REQUEST - 1) < 0.05
  await agent.scrapeUntil(
    (found) =>
      isNear(found.get(PER_REQUEST)) &&
      (found.get(UNITS) ?? 0) > 100 &&
      found.get('wattledger_workload_up{workload="chat"}') === 1 &&
      [...found.keys()].some((name) => name.startsWith('wattledger_workload_grams_per_unit{')),
  )
  machine.server.restart(Date.now() / 1e3)
  await agent.scrapeUntil((found) => found.get('wattledger_workload_restarts_total{workload="chat"}') === 1)
  assert.equal(await agent.stop(), 0, agent.stderr)
})
