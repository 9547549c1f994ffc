import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { LEVELS_FILE, levelRules } from '../../scripts/fleet-rules.ts'
import { fleetRules } from '../../src/commands/fleet-rules.ts'
import { meterRules } from '../../src/fleet/meter-rules.ts'
import { parseTopology } from '../../src/fleet/read-topology.ts'
import { SITE } from './site.ts'

interface Rule {
  readonly record: string
  readonly labels: Readonly<Record<string, string>>
  readonly expr: string
}

const rulesOf = (topology: string, unixMs: number): readonly Rule[] =>
  (parse(meterRules(parseTopology(topology, 'site.yaml'), unixMs)) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    ({ rules }) => rules,
  )

test('the rules of the levels are as npm run fleet:rules writes them', () => {
  assert.equal(readFileSync(LEVELS_FILE, 'utf8'), levelRules())
})

test('what meters of a place tell is the sum of all of them, or nothing', () => {
  const rules = rulesOf(SITE, Date.UTC(2026, 2, 1))
  const supply = rules.find(({ record, labels }) => record.includes('it_supply') && labels.rack !== undefined)
  const watts = 'wattledger_fleet_meter_watts:rate1h'
  assert.equal(
    supply?.expr,
    `sum(${watts}{meter=~"pdu-12a|pdu-12b"}) - sum(${watts}{meter=~"door-12"}) and count(${watts}{meter=~"pdu-12a|pdu-12b|door-12"}) == 3`,
  )
  const main = rules.find(({ labels }) => labels.meter === 'main')
  assert.deepEqual(main, {
    record: watts,
    labels: { meter: 'main', measures: 'main', campus: 'fra1' },
    expr: '3600000 * sum(rate(site_energy{meter="1"}[1h]))',
  })
})

test('cooling behind a main that was replaced is taken off the one that is there', () => {
  const rules = rulesOf(
    `places: { fra1: { level: campus } }
meters:
  old: { measures: main, place: fra1, series: main_watts, unit: W, until: '2026-01-01T00:00:00Z' }
  new: { measures: main, place: fra1, series: main_watts, unit: W, since: '2026-01-01T00:00:00Z' }
  crac: { measures: cooling, place: fra1, behind: old, series: crac_watts, unit: W }
`,
    Date.UTC(2026, 2, 1),
  )
  const watts = 'wattledger_fleet_meter_watts:rate1h'
  assert.equal(
    rules.find(({ record }) => record.includes('it_supply'))?.expr,
    `sum(${watts}{meter=~"new"}) - sum(${watts}{meter=~"crac"}) and count(${watts}{meter=~"new|crac"}) == 2`,
  )
})

test('wattledger fleet rules prints them, or what is wrong with the file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-fleet-rules-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const argument = join(folder, 'site.yaml')
  writeFileSync(argument, SITE)
  const unixMs = Date.UTC(2026, 2, 1)
  let said = ''
  const stdout = { write: (text: string) => (said += text) }
  assert.equal(fleetRules({ argument, unixMs: () => unixMs, stdout }), 0)
  assert.equal(said, meterRules(parseTopology(SITE, argument), unixMs))
  writeFileSync(argument, SITE.replace('unit: kW }', 'unit: hp }'))
  assert.throws(
    () => fleetRules({ argument, unixMs: () => unixMs, stdout }),
    /site\.yaml:12:\d+: meters\.ups-a\.unit: expected/,
  )
})

test('a meter that is not there yet has no rule', () => {
  const before = rulesOf(SITE, Date.UTC(2025, 11, 31))
  assert.ok(!before.some(({ labels }) => labels.meter === 'pdu-12a'))
  assert.match(before.find(({ labels, record }) => record.includes('supply') && labels.rack)?.expr ?? '', /== 2$/)
})

test('a name of any characters is that name alone', () => {
  const rules = rulesOf(SITE.replaceAll('pdu-12a', `'pdu "1.2"'`), Date.UTC(2026, 2, 1))
  const supply = rules.find(({ record, labels }) => record.includes('it_supply') && labels.rack !== undefined)
  assert.match(supply?.expr ?? '', /^sum\(\S+\{meter=~"pdu \\"1\\\\\.2\\"\|pdu-12b"\}\)/)
})
