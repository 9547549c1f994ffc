import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fleetReport } from '../../src/commands/fleet-report.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { type MadeHost, type MadeSite, topologyOf, wattsOf } from './a-fleet.ts'
import { ApiServer } from './api-server.ts'
import { asked, NOW } from './asked.ts'

const START = Date.UTC(2026, 10, 24)
const RACKS = ['r1', 'r2']
const HOURS = 48

function siteOf(change: (host: MadeHost) => Partial<MadeHost> = () => ({})): MadeSite {
  const hosts = RACKS.flatMap((rack, n) => [1, 2, 3].map((m): MadeHost => ({ node: `n${n + 1}${m}`, rack })))
  return { startUnixMs: START, hours: 50, racks: RACKS, hosts: hosts.map((host) => ({ ...host, ...change(host) })) }
}

const FACTS = `scope1: [{ name: diesel, kg: 12.5 }]
targets:
  - { name: science-based, of: all-location, baseline_year: 2024, baseline: 100000, target_year: 2030, reduction: 0.42 }
  - { name: energy, of: energy, baseline_year: 2024, baseline: 10000, target_year: 2030, reduction: 0.1 }
scenarios: { lifetime_years: 4, longer_years: 2, pue: 1.2, g_per_kwh: 50 }
eu: { installed_it_kw: 600, guarantees_kwh: 40, on_site_kwh: 20 }
`

async function reported(
  t: TestContext,
  site: MadeSite,
  options: Readonly<Record<string, unknown>> = {},
  topology = topologyOf(site),
) {
  const folder = scratchDirectory(t)
  const [path, facts] = [join(folder, 'topology.yaml'), join(folder, 'facts.yaml')]
  writeFileSync(path, topology)
  writeFileSync(facts, (options.facts as string) ?? FACTS)
  await using server = await ApiServer.start(site)
  const answer = await asked(
    fleetReport,
    folder,
    { from: '2026-11-24', to: '2026-11-26', format: 'json', topology: path, prometheus: server.url, ...options, facts },
    { signals: () => ({ stop: new AbortController().signal }), sleep: async () => {}, unixMs: () => NOW },
  )
  return { ...answer, json: answer.out.startsWith('{') ? JSON.parse(answer.out) : null }
}

function joulesOf(site: MadeSite, isIn: (host: MadeHost) => boolean = () => true): number {
  const hours = Array.from({ length: HOURS }, (_, hour) => hour)
  return site.hosts
    .filter(isIn)
    .reduce((sum, host) => sum + hours.reduce((own, hour) => own + 3600 * wattsOf(site, host, hour), 0), 0)
}

const near = (actual: number, expected: number, ratio = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= ratio * Math.abs(expected), `${actual} is not near ${expected}`)

test('rows of racks sum to the site, and each level of it is accounted for', async (t) => {
  const site = siteOf()
  const { code, err, json } = await reported(t, site)
  assert.deepEqual([code, err], [0, ''])
  assert.deepEqual(
    json.rows.map(({ rack }: { rack: string }) => rack),
    RACKS,
  )
  for (const { rack, energyUj } of json.rows)
    near(
      Number(energyUj) / 1e6,
      joulesOf(site, (host) => host.rack === rack),
    )
  assert.equal(
    json.rows.reduce((sum: bigint, row: { energyUj: string }) => sum + BigInt(row.energyUj), 0n),
    BigInt(json.total.energyUj),
  )
  // 400 g/kWh at the machine; a third more for cooling and 1.01 / 0.94 for losses.
  near(json.total.locationUg / 1e6, (joulesOf(site) / 3.6e6) * 400)
  const pue = (1.01 / 0.94) * (4 / 3)
  near(
    json.pue.find(({ label, category }: { label: string; category: number }) => label === 'in all' && category === 3)
      .pue,
    pue,
    2e-3,
  )
  near(json.pue.find(({ category }: { category: number }) => category === 2).pue, pue / 1.01, 2e-3)
  near(json.facility.locationG, (joulesOf(site) / 3.6e6) * 400 * pue, 2e-3)
  assert.deepEqual([json.facility.meteredHours, json.facility.otherHours, json.contributions.hours], [48, 0, 48])
  const share = Object.fromEntries(
    json.contributions.parts.map(({ what, share }: { what: string; share: number }) => [what, share]),
  )
  near(share.cooling, 0.25, 2e-3)
  near(share['chip idle'], 0.3 / pue, 2e-3)
  near(share['chip dynamic'], 0.4 / pue, 2e-3)
  near(share['remainder of machines'], 0.3 / pue, 2e-3)
  near(share['lost or not explained in the campus'], 0.06 * 0.75, 2e-2)
  near(
    json.contributions.parts.reduce((sum: number, { share }: { share: number }) => sum + share, 0),
    1,
  )
  assert.equal(json.hotspots[0].node, 'n23')
  assert.equal(json.pueHours.length, 48)
})

test('machines that nobody splits are a part of their own', async (t) => {
  const site = siteOf(({ node }) => ({ isSplit: node !== 'n11' }))
  const { contributions } = (await reported(t, site)).json
  const parts = Object.fromEntries(
    contributions.parts.map(({ what, joules }: { what: string; joules: number }) => [what, joules]),
  )
  const undivided = joulesOf(site, ({ node }) => node === 'n11')
  near(parts['machines that nobody splits'], undivided)
  near(parts['chip dynamic'], 0.4 * (joulesOf(site) - undivided))
})

test('a period stands against the path of each target, and scenarios change one thing', async (t) => {
  const site = siteOf()
  const { json } = await reported(t, site)
  const [all, energy] = json.targets
  // 2026 is a third of the way from 2024 to 2030.
  near(all.path, 100_000 * (1 - 0.42 / 3))
  near(energy.goal, 9_000)
  near(energy.period, joulesOf(site) / 3.6e6)
  near(energy.yearly, (energy.period * 365.25) / 2)
  assert.deepEqual([all.isReached, energy.isReached], [all.yearly <= all.path, energy.yearly <= energy.path])
  near(all.period, 12.5 + json.facility.locationG / 1e3 + json.total.embodiedUg / 1e9)
  const [longer, pue, clean] = json.scenarios
  near(longer.savedKg, json.total.embodiedUg / 1e9 / 3)
  near(pue.locationKg, ((joulesOf(site) / 3.6e6) * 400 * 1.2) / 1e3, 2e-3)
  assert.ok(clean.locationKg < pue.locationKg)
})

test('the sheet of the EU has what is measured or stated, and a reason for all else', async (t) => {
  const site = siteOf()
  const { json } = await reported(t, site)
  const sheet = Object.fromEntries(json.eu.map((line: { symbol: string }) => [line.symbol, line]))
  near(sheet.EIT.value, (1.01 * joulesOf(site)) / 3.6e6, 2e-3)
  assert.match(sheet.EIT.about, /PUE category 2/)
  near(sheet.PUE.value, sheet.EDC.value / sheet.EIT.value)
  near(sheet.REF.value, 60 / sheet.EDC.value)
  assert.deepEqual(
    [sheet.WIN.value, sheet.WIN.flag, sheet.WIN.note],
    [null, 'MISSING', 'no meter of water in the topology file'],
  )
  assert.deepEqual([sheet.WUE.value, sheet.ERF.value, sheet.ITEUsv.value, sheet.CSERV.value], [null, null, null, null])
  for (const { value, note } of json.eu) assert.ok(value !== null || note.length > 10)
})

test('a place alone, by the hour, and every format for people', async (t) => {
  const site = siteOf()
  const csv = await reported(t, site, { place: 'r2', by: 'hour', format: 'csv' })
  const [head, ...lines] = csv.out.trim().split('\r\n')
  assert.equal(
    head,
    'hour,energy_uj,uncertainty_pct,coverage_pct,co2e_location_g,co2e_market_g,embodied_g,site_water_l,grid_water_l',
  )
  assert.equal(lines.length, HOURS)
  near(
    lines.reduce((sum, line) => sum + Number(line.split(',')[1]) / 1e6, 0),
    joulesOf(site, ({ rack }) => rack === 'r2'),
  )
  const table = await reported(t, site, { format: 'table' })
  assert.match(table.out, /^PUE +1\.4[12]\d, category 2, of 48 hours$/m)
  assert.match(table.out, /^Coverage +100\.00 % of host hours$/m)
  assert.match(table.out, /BY RACK\n[\s\S]*?\nr1 +\d+\.\d+ +\d+\.\d +100\.0/)
  assert.ok((await reported(t, site, { format: 'html' })).out.includes('<h2>Register of meters</h2>'))
  assert.ok((await reported(t, site, { format: 'md' })).out.includes('## Targets'))
})

test('what is not there is not known: without meters no PUE, without a host less coverage, never a figure', async (t) => {
  const site = siteOf((host) => (host.node === 'n13' ? { isHeard: (hour: number) => hour < 24.9 } : {}))
  const bare = topologyOf(site).replace(/meters:[\s\S]*/, '')
  const { json } = await reported(t, site, {}, bare)
  assert.deepEqual([json.pue, json.facility, json.contributions.parts], [[], null, []])
  near(json.total.coveragePct, (100 * (5 * 48 + 24)) / (6 * 48), 1e-3)
  assert.equal(json.total.marketUg, null)
  const text = (await reported(t, site, { format: 'table' }, bare)).out
  assert.match(text, /^PUE +not known: no meters of the site/m)
  const metered = (await reported(t, site)).json
  assert.deepEqual([metered.facility.meteredHours, metered.facility.otherHours], [24, 24])
  const other = (await reported(t, site, { place: 'r9' })).err
  assert.equal(other, 'error: --place: expected a place of the topology file, received "r9" (did you mean r1?)\n')
  const bad = await reported(t, site, { facts: 'targets:\n  - { name: a, of: loc }\n' })
  assert.equal(bad.code, 78)
  assert.match(bad.err, /facts\.yaml:2:\d+: targets\.0\.of: expected location, market, all-location/)
})

test('a main that was replaced by another is one supply, and each tells its own hours', async (t) => {
  const site = siteOf()
  const topology = topologyOf(site).replace(/^ {2}main: \{(.*) \}$/m, (_, of) =>
    [`  old: {${of}, until: '2026-11-25T00:00:00Z' }`, `  main: {${of}, since: '2026-11-25T00:00:00Z' }`].join('\n'),
  )
  const { json } = await reported(t, site, {}, topology)
  const one = (await reported(t, site)).json
  assert.deepEqual([json.facility.meteredHours, json.facility.otherHours], [48, 0])
  near(json.facility.locationG, one.facility.locationG)
  near(json.pue[0].pue, one.pue[0].pue)
  // The register says of the others what they were behind, which may be the old one.
  const behind = topology.replaceAll('behind: main', 'behind: old')
  const same = (await reported(t, site, {}, behind)).json
  assert.deepEqual([same.pue, same.contributions], [json.pue, json.contributions])
  const long = behind.replaceAll('2026-11-25', '2025-01-01')
  const after = (await reported(t, site, {}, long)).json
  assert.deepEqual([after.pue, after.contributions], [one.pue, one.contributions])
  // Hours before the first of them are not known, and never zero.
  const late = topology.replace(/^ {2}old: .*\n/m, '')
  const half = (await reported(t, site, {}, late)).json
  assert.deepEqual([half.facility.meteredHours, half.facility.otherHours], [24, 24])
})

test('meters that were taken away long ago are in the register, and in no figure of the time', async (t) => {
  const site = siteOf()
  const gone = ['main', 'water', 'ups']
    .map((measures) => {
      const unit = measures === 'water' ? 'l' : 'J'
      return `  old-${measures}: { measures: ${measures}, place: fra1, series: old_${measures}, unit: ${unit}, until: '2025-01-01T00:00:00Z' }\n`
    })
    .join('')
  const { err, json } = await reported(t, site, {}, topologyOf(site) + gone)
  assert.equal(err, '')
  const one = (await reported(t, site)).json
  assert.equal(json.meters.length, one.meters.length + 3)
  assert.deepEqual([json.eu, json.pue, json.facility], [one.eu, one.pue, one.facility])
})
