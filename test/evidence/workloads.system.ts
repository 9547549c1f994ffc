import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../lab/free-port.ts'
import { missing, Prometheus } from './prometheus.ts'
import { JOULES_PER_REQUEST, ServedMachine } from './served-machine.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/workloads.md'), 'utf8')
const SPAN_S = 25

test("the documented query gives a real Prometheus the joules per token, over the agent's restart", {
  skip: missing('prometheus'),
  timeout: 400_000,
}, async () => {
  const port = await freePort('tcp')
  await using machine = await ServedMachine.start(port)
  const job = { job_name: 'node', static_configs: [{ targets: [`127.0.0.1:${port}`] }] }
  await using prometheus = new Prometheus(await freePort('tcp'), [job])
  for (let run = 0; run < 2; run++) {
    const agent = await machine.host.start()
    await agent.scrapeUntil((found) => found.has('wattledger_workload_up{workload="chat"}'))
    await setTimeout(SPAN_S * 1e3)
    assert.equal(await agent.stop(), 0, agent.stderr)
  }
  const [, query = ''] = /```promql\n([^`]+)```/.exec(page) ?? []
  const [series, ...others] = await prometheus.query(query.replaceAll('[1d]', `[${2 * SPAN_S}s]`))
  assert.equal(others.length, 0)
  // Three tokens a request.
  const joules = Number(series?.value[1])
  console.log(`${joules} J per output token, expected ${JOULES_PER_REQUEST / 3}`)
  assert.ok(Math.abs((3 * joules) / JOULES_PER_REQUEST - 1) < 0.02, `${joules} J`)
})
