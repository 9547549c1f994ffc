/**
 * Debian: prometheus; and Go 1.26 or later for VictoriaMetrics. What the fleet asks is answered alike by real ones and by the server
 * that the other tests use.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fleetCheck } from '../../src/commands/fleet-check.ts'
import { fleetMatch } from '../../src/commands/fleet-match.ts'
import { fleetReport } from '../../src/commands/fleet-report.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { hostSamples, type MadeHost, type MadeSite, meterSamples, topologyOf } from './a-fleet.ts'
import { ApiServer } from './api-server.ts'
import { asked, NOW } from './asked.ts'
import { ENGINES } from './engines.ts'

const MINUTE_MS = 60_000
const RACKS = ['r1', 'r2']

/** One has a meter that lies, one was not scraped for three hours, one is gone. */
const FAULTS: Readonly<Record<string, Partial<MadeHost>>> = {
  n11: { lie: { factor: 1.2, fromHour: 0 } },
  n13: { isHeard: (hour) => hour < 5.2 || hour > 8.2 },
  n22: { isHeard: (hour) => hour < 20.9 },
}
const SITE: MadeSite = {
  startUnixMs: Date.UTC(2026, 10, 24),
  hours: 32,
  racks: RACKS,
  hosts: RACKS.flatMap((rack, n) =>
    [1, 2, 3].map((m): MadeHost => ({ node: `n${n + 1}${m}`, rack, ...FAULTS[`n${n + 1}${m}`] })),
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

const CERTIFICATES = `issuance_id,certificate_bundle_id_range_start,certificate_bundle_id_range_end,face_value,production_starting_interval,production_ending_interval,issue_market_zone,certificate_bundle_status
GC-1,0,1999,1,2026-11-24T05:00:00,2026-11-24T06:00:00,DE,Cancelled
GC-2,0,9999,1,2026-11-24T06:00:00,2026-11-24T07:00:00,DE,Cancelled
`

for (const { name, skip, start } of ENGINES) {
  test(`a real ${name} is checked, reported and matched as the made-up one, to the microjoule`, {
    skip,
    timeout: 900_000,
  }, async (t) => {
    await using engine = await start(history())
    await using server = await ApiServer.start(SITE)
    const ask = async (command: typeof fleetCheck, url: string, more = {}) => {
      const folder = scratchDirectory(t)
      const [topology, certificates] = [join(folder, 'topology.yaml'), join(folder, 'certificates.csv')]
      writeFileSync(topology, topologyOf(SITE))
      writeFileSync(certificates, CERTIFICATES)
      const span = { from: '2026-11-24', to: '2026-11-25T06:00:00Z' }
      const options = { ...span, format: 'json', topology, prometheus: url, certificates: [certificates], ...more }
      const context = { signals: () => ({ stop: new AbortController().signal }), unixMs: () => NOW }
      const { out, err } = await asked(command, folder, options, context)
      assert.equal(err, '')
      return JSON.parse(out)
    }
    const both = async (command: typeof fleetCheck, more = {}) => [
      await ask(command, engine.url, more),
      await ask(command, server.url, more),
    ]
    const [check, expected] = await both(fleetCheck)
    assert.deepEqual(check.findings, expected.findings)
    assert.deepEqual(
      [check.energyUj, check.coveragePct, check.hosts],
      [expected.energyUj, expected.coveragePct, expected.hosts],
    )
    const kinds = check.findings.map(({ kind }: { kind: string }) => kind)
    assert.deepEqual(kinds, ['host-dead', 'hours-lost', 'meter-suspect', 'unexplained'])
    const [report, made] = await both(fleetReport)
    assert.deepEqual([report.rows, report.total], [made.rows, made.total])
    assert.ok(Math.abs(report.pue[0].pue - made.pue[0].pue) < 1e-6)
    const shares = ({ contributions: { parts } }: typeof report) =>
      parts.map(({ what, share }: { what: string; share: number }) => [what, share.toFixed(6)])
    assert.deepEqual(shares(report), shares(made))
    const [match, matched] = await both(fleetMatch, { place: 'fra1', zone: 'DE' })
    assert.deepEqual([match.used, match.about.missingHours], [matched.used, 0])
    assert.ok(match.used.length === 2 && match.used[0].wh === 2000)
    // The site's meter is a float in any engine.
    assert.ok(Math.abs(match.methods[1].loadUj / matched.methods[1].loadUj - 1) < 1e-9)
  })
}
