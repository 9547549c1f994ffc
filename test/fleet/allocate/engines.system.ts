/**
 * Debian: prometheus; and Go 1.26 or later for VictoriaMetrics. The queries of docs/fleet-allocation.md, as real ones answer them,
 * against the same rows in files.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import { fleetAllocate } from '../../../src/commands/fleet-allocate.ts'
import { asked } from '../asked.ts'
import { ENGINES } from '../engines.ts'
import { HOUR, NEXT_HOUR, planned, START } from './setting.ts'

const S_PER_HOUR = 3600
const GIB = 2 ** 30
/** Mean watts by hour from the one before START on. */
const WATTS = { 'db-1': [50, 250, 180.5, 90], 'db-2': [700, 300, 90.25, 10] }

/** Counters that show an hour five minutes after its end, and what is reserved, each minute. */
function history(): string {
  const lines: string[] = []
  const series = (name: string, valueAt: (minute: number) => number) => {
    for (let minute = -60; minute <= 180; minute++)
      lines.push(`${name} ${valueAt(minute)} ${START / 1e3 + minute * 60}`)
  }
  lines.push('# TYPE wattledger_settled_energy_joules counter')
  for (const [host, watts] of Object.entries(WATTS)) {
    series(`wattledger_settled_energy_joules_total{tenant="",instance="${host}:10910"}`, (minute) => {
      const closed = Math.max(0, Math.floor((minute + 60 - 5) / 60))
      return 1e6 + watts.slice(0, closed).reduce((sum, one) => sum + one * S_PER_HOUR, 0)
    })
  }
  lines.push('# TYPE kube_pod_container_resource_requests gauge')
  for (const [pod, namespace, resource, value] of [
    ['a-0', 'ada', 'cpu', 1],
    ['a-1', 'ada', 'cpu', 2],
    ['a-0', 'ada', 'memory', 20 * GIB],
    ['b-0', 'bob', 'memory', 40 * GIB],
  ] as const) {
    const labels = `cluster="c",namespace="${namespace}",pod="${pod}",resource="${resource}"`
    series(`kube_pod_container_resource_requests{${labels}}`, () => value)
  }
  return `${lines.join('\n')}\n# EOF\n`
}

/** The terms of the page that are queries. */
function queriesOfThePage(): object {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/fleet-allocation.md'), 'utf8')
  const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => parse(yaml))
  return blocks.find(({ terms }) => terms.power?.promql).terms
}

for (const { name, skip, start } of ENGINES) {
  test(`queries of the page give in ${name} what the same rows in files give`, {
    skip,
    timeout: 900_000,
  }, async (t) => {
    const both = '2026-10-01T00:00Z,2026-10-01T02:00Z'
    const power = Object.entries(WATTS).flatMap(([host, [, first, second]]) => [
      `${HOUR},${host},${first}`,
      `${NEXT_HOUR},${host},${second}`,
    ])
    const files = planned(t, {
      machines: [`${both},c,db-1,,100`, `${both},c,db-2,,100`],
      power,
      reservations: [`${both},c,ada,3,20,0,0`, `${both},c,bob,0,40,0,0`],
      usage: [`${both},db-1,ada,1`, `${both},db-1,bob,3`],
    })
    const plan = join(dirname(files), 'queries.yaml')
    const terms = { ...parse(readFileSync(files, 'utf8')).terms, ...queriesOfThePage() }
    writeFileSync(plan, stringify({ terms }))
    const folder = mkdtempSync(join(tmpdir(), 'fleet-allocate-'))
    t.after(() => rmSync(folder, { recursive: true }))
    await using engine = await start(history())
    const options = {
      from: '2026-10-01',
      to: '2026-10-01T02:00:00Z',
      format: 'csv',
      prometheus: engine.url,
    }
    const answer = (argument: string) =>
      asked(fleetAllocate, folder, options, { argument, signals: () => ({ stop: new AbortController().signal }) })
    const [read, queried] = [await answer(files), await answer(plan)]
    assert.deepEqual([read.code, read.err], [0, ''])
    assert.ok(read.out.includes('cost-2,ada,c,'))
    assert.deepEqual(queried, read)
  })
}
