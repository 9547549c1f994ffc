/** Debian: prometheus. What the fleet asks is answered alike by a real one and by the server that the other tests use. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fleetCheck } from '../../src/commands/fleet-check.ts'
import { fleetReport } from '../../src/commands/fleet-report.ts'
import { missing, Prometheus } from '../evidence/prometheus.ts'
import { freePort } from '../lab/free-port.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { hostSamples, type MadeHost, type MadeSite, meterSamples, topologyOf } from './a-fleet.ts'
import { ApiServer } from './api-server.ts'
import { asked, NOW } from './asked.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const RACKS = ['r1', 'r2']

const SITE: MadeSite = {
  startUnixMs: Date.UTC(2026, 10, 24),
  hours: 32,
  racks: RACKS,
  hosts: RACKS.flatMap((rack, n) =>
    [1, 2, 3].map(
      (m): MadeHost => ({ node: `n${n + 1}${m}`, rack, ...(n + m === 1 ? { lie: { factor: 1.2, fromHour: 0 } } : {}) }),
    ),
  ),
}

/** All that was ever scraped, as OpenMetrics: a sample each minute. */
function history(): string {
  const families = new Map<string, string[]>()
  const add = (name: string, labels: Readonly<Record<string, string>>, value: number, atMs: number) => {
    const shown = Object.entries(labels).flatMap(([key, text]) => (text === '' ? [] : `${key}="${text}"`))
    const lines = families.get(name) ?? []
    lines.push(`${name}{${shown.join(',')}} ${value} ${atMs / 1e3}`)
    families.set(name, lines)
  }
  const end = SITE.startUnixMs + SITE.hours * HOUR_MS
  for (let at = SITE.startUnixMs; at <= end; at += MINUTE_MS) {
    for (const { name, labels, value } of hostSamples(SITE, at)) add(name, labels, value, at)
  }
  const meters = ['site_joules_total', 'crac_watts', ...RACKS.map((rack) => `pdu_watts{rack="${rack}"}`)]
  for (const series of meters) {
    const labels = /rack="(.+)"/.exec(series)
    for (const [at, value] of meterSamples(SITE, series, SITE.startUnixMs, end)) {
      add(series.replace(/\{.*/, ''), labels === null ? {} : { rack: labels[1] ?? '' }, value, at)
    }
  }
  return `${[...families.values()].flat().join('\n')}\n# EOF\n`
}

test('a real Prometheus is checked and reported as the made-up one, to the microjoule', {
  skip: missing('prometheus'),
  timeout: 300_000,
}, async (t) => {
  await using prometheus = new Prometheus(await freePort('tcp'), [], history())
  await prometheus.ready()
  await using server = await ApiServer.start(SITE)
  const ask = async (command: typeof fleetCheck, url: string) => {
    const folder = scratchDirectory(t)
    const topology = join(folder, 'topology.yaml')
    writeFileSync(topology, topologyOf(SITE))
    const options = { from: '2026-11-24', to: '2026-11-25T06:00:00Z', format: 'json', topology, prometheus: url }
    const more = { signals: () => ({ stop: new AbortController().signal }), unixMs: () => NOW }
    const { out, err } = await asked(command, folder, options, more)
    assert.equal(err, '')
    return JSON.parse(out)
  }
  const { server: _, ...check } = await ask(fleetCheck, prometheus.url)
  const { server: __, ...expected } = await ask(fleetCheck, server.url)
  assert.deepEqual(check.findings, expected.findings)
  assert.deepEqual([check.energyUj, check.coveragePct, check.hosts], [expected.energyUj, 100, 6])
  const report = await ask(fleetReport, prometheus.url)
  const made = await ask(fleetReport, server.url)
  assert.deepEqual([report.rows, report.total], [made.rows, made.total])
  assert.ok(Math.abs(report.pue[0].pue - made.pue[0].pue) < 1e-6)
})
