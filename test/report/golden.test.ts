import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { asked, configured, jsonOf } from './asked.ts'
import { handMade, KWH_UJ } from './hand-made.ts'

const SPAN = { from: '2026-10-31T22:00:00Z', to: '2026-11-01T02:00:00Z' }
const TARIFF = 'report: { organisation: Example, tariff: { source: flat, currency: EUR, per_kwh: 0.30 } }'
const uj = (kwh: number) => String((BigInt(kwh * 1000) * KWH_UJ) / 1000n)

function near(value: number, expected: number, what: string): void {
  assert.ok(Math.abs(value - expected) < 5e-4, `${what}: ${value} is not ${expected}`)
}

test('the figures of a ledger that was worked out by hand', async (t) => {
  const folder = await handMade(t)
  const { total, rows, quality, exclusions, restatements, factors, about } = await jsonOf(
    folder,
    SPAN,
    configured(t, TARIFF),
  )
  assert.deepEqual(
    rows.map(({ start, energyUj, coveragePct, locationG, embodiedG, gridWaterL, cost }: typeof total) => [
      start,
      energyUj,
      coveragePct,
      locationG,
      embodiedG,
      gridWaterL,
      cost,
    ]),
    [
      ['2026-10-31T22:00Z', uj(3), 100, 1500, 20, 6, 0.9],
      ['2026-11-01T00:00Z', uj(4), 25, 1500, 5, 8, 1.2],
    ],
  )
  assert.equal(total.energyUj, uj(7))
  assert.equal(total.measuredUj, uj(6.5))
  assert.equal(total.estimatedUj, uj(0.5))
  assert.deepEqual(
    [
      total.locationG,
      total.marketG,
      total.embodiedG,
      total.siteWaterL,
      total.gridWaterL,
      total.cost,
      total.coveragePct,
    ],
    [3000, null, 25, null, 14, 2.1, 62.5],
  )
  near(total.uncertaintyPct, 4.686, 'energy')
  near(total.co2eUncertaintyPct, 21.0314, 'grams')
  near(quality.pue, 1.25, 'pue')
  // (2 × 6.5 + 4 × 0.5) / 7; (4 × 3 + 1 × 4) / 7.
  near(quality.dataQuality.energy, 2.1429, 'quality of energy')
  near(quality.dataQuality.intensity, 2.2857, 'quality of intensity')
  assert.equal(quality.finalPct, 100)
  assert.deepEqual(
    restatements.map(({ count, changeUg }: { count: number; changeUg: string }) => [count, changeUg]),
    [[1, '-500000000']],
  )
  assert.deepEqual(
    factors.map(({ account, source, gPerKwh, hours }: (typeof factors)[number]) => [account, source, gPerKwh, hours]),
    [
      ['embodied', 'formulas', null, 3],
      ['location', 'electricitymaps', 300, 1],
      ['location', 'static:ember-2024', 400, 2],
    ],
  )
  // 1.5 hours are not covered, of which the gap names an hour and a quarter.
  assert.deepEqual(
    exclusions.slice(0, 2).map(({ reason, hours }: (typeof exclusions)[number]) => [reason, hours]),
    [
      ['the machine was started anew', 1.25],
      ['no agent ran, or none noted why', 0.25],
    ],
  )
  assert.equal(about.closedUntil, '2026-11-01T02:00:00Z')
})

test('energy of a time that nothing covers is not known, and not 0', async (t) => {
  const folder = await handMade(t)
  const span = { from: '2026-11-01T00:00:00Z', to: '2026-11-01T01:00:00Z', by: 'hour' }
  const { total, rows } = await jsonOf(folder, span)
  for (const figures of [total, ...rows]) {
    const { energyUj, energyKwh, measuredUj, derivedUj, estimatedUj, coveragePct } = figures
    assert.deepEqual([energyUj, energyKwh, measuredUj, derivedUj, estimatedUj], [null, null, null, null, null])
    assert.equal(coveragePct, 0)
  }
  const { out } = await asked(folder, { ...span, format: 'csv' })
  assert.match(out, /\r\n2026-11-01T00:00Z,2026-11-01T01:00Z,,,,,,,,,,0\.0000,/)
  const { out: table } = await asked(folder, span)
  assert.match(table, /^Energy +not known$/m)
  assert.match(table, /^Scope 2, location-based +not known$/m)
})

test('the figures of a day are those of the view for people', async (t) => {
  const folder = await handMade(t)
  const { rows } = await jsonOf(folder, { from: '2026-10-31', to: '2026-11-02' })
  const db = openReadOnly(join(folder, 'ledger.db'))
  const days = db.prepare<[], Record<string, number | string | null>>('SELECT * FROM node_daily').all()
  db.close()
  assert.equal(days.length, 2)
  for (const [index, day] of days.entries()) {
    const row = rows[index]
    assert.deepEqual(
      [day.energy_kwh, day.co2e_location_g, day.co2e_market_g, day.embodied_g, day.grid_water_l],
      [row.energyKwh, row.locationG, row.marketG, row.embodiedG, row.gridWaterL],
    )
    for (const [column, key] of [
      ['uncertainty_pct', 'uncertaintyPct'],
      ['co2e_uncertainty_pct', 'co2eUncertaintyPct'],
      ['coverage_pct', 'coveragePct'],
    ] as const) {
      assert.equal(day[column], Number(row[key].toFixed(2)), column)
    }
  }
})

test('a statement tells nothing of what others had', async (t) => {
  const folder = await handMade(t)
  const { machine, meters, factors, restatements } = await jsonOf(folder, { tenant: 'shop', month: '2026-10' })
  assert.deepEqual(Object.keys(machine), ['coveragePct'])
  for (const one of [...meters, ...factors, ...restatements]) {
    for (const key of ['energyUj', 'co2eUg', 'changeUg']) assert.ok(!(key in one), key)
  }
  for (const format of ['table', 'md', 'html', 'csv']) {
    const { out } = await asked(folder, { tenant: 'shop', month: '2026-10', format })
    assert.doesNotMatch(out, /\b(?:lab|train)\b/)
  }
})

test('by part, consumer and tenant', async (t) => {
  const folder = await handMade(t)
  const config = configured(t, TARIFF)
  const rowsBy = async (by: string, keys: readonly string[]) =>
    (await jsonOf(folder, { ...SPAN, by }, config)).rows.map((row: Record<string, unknown>) =>
      keys.map((key) => row[key]),
    )
  assert.deepEqual(await rowsBy('part', ['part', 'energyUj', 'locationG', 'gridWaterL', 'embodiedG', 'cost']), [
    // 500 + 1,000 × 1.5/2 + 1,500 × 3/4, and what is left.
    ['processors', uj(5.5), 2375, 11, null, 1.65],
    ['rest', uj(1.5), 625, 3, null, 0.45],
  ])
  assert.deepEqual(await rowsBy('tenant', ['tenant', 'energyUj', 'idleUj', 'locationG', 'cost']), [
    ['shop', uj(2.2), uj(0.1), 200 + 400 + 375, 0.66],
    ['unassigned', uj(1.8), uj(1.8), 200 + 200 + 375, 0.54],
    ['lab', uj(1), uj(0.3), 500, 0.3],
    ['', uj(2), null, 750, 0.6],
  ])
  assert.deepEqual(await rowsBy('consumer', ['kind', 'consumer', 'tenant', 'energyUj']), [
    ['service', 'web.service', 'shop', uj(2.2)],
    ['unallocated', 'unallocated', 'unassigned', uj(1.8)],
    ['pod', 'train', 'lab', uj(1)],
    ['not split', '', '', uj(2)],
  ])
})

test('the statement of a tenant, worked out by hand', async (t) => {
  const folder = await handMade(t)
  const { statement, rows, about } = await jsonOf(folder, { tenant: 'lab', month: '2026-10' }, configured(t, TARIFF))
  const { own, unallocated, pool } = statement
  assert.deepEqual([own.energyUj, own.idleUj, own.locationG, own.embodiedG, own.cost], [uj(1), uj(0.3), 500, 5, 0.3])
  near(statement.idlePct, 30, 'idle')
  assert.equal(statement.splitPct, 100)
  assert.equal(pool.energyUj, uj(0.8))
  // Its remainder of the division is the largest, so that it gets the µJ that is left.
  assert.equal(unallocated.energyUj, String((8n * KWH_UJ) / 22n + 1n))
  assert.equal(unallocated.locationUg, '181818182')
  near(unallocated.cost, 0.24 / 2.2, 'cost')
  assert.deepEqual(
    rows.map(({ consumer, energyUj }: (typeof rows)[number]) => [consumer, energyUj]),
    [['train', uj(1)]],
  )
  assert.equal(about.allocation.version, 1)
  // All tenants together have what was split.
  const others = await jsonOf(folder, { tenant: 'shop', month: '2026-10' })
  const all = [statement, others.statement].flatMap((one) => [one.own.energyUj, one.unallocated.energyUj])
  assert.equal(String(all.reduce((sum, energy) => sum + BigInt(energy), 0n)), uj(3))
})

const golden = join(import.meta.dirname, 'golden')
const CONFIG_SHA256 = 'c0f19'.padEnd(64, '0')

for (const [name, options] of [
  ['report.txt', { ...SPAN, by: 'hour' }],
  ['tenants.golden', { ...SPAN, by: 'tenant', format: 'md' }],
  ['days.csv', { ...SPAN, format: 'csv' }],
  ['days.json.golden', { ...SPAN, format: 'json' }],
  ['hours.if.yaml', { ...SPAN, by: 'hour', format: 'if' }],
  ['report.html', { ...SPAN, format: 'html' }],
  ['statement.txt', { tenant: 'lab', month: '2026-10' }],
] as const) {
  test(`${name} is as it was looked at, byte for byte, on every run`, async (t) => {
    const folder = await handMade(t)
    const config = configured(t, TARIFF)
    const { code, out, err } = await asked(folder, options, { config })
    assert.deepEqual([code, err], [0, ''])
    assert.equal((await asked(folder, options, { config, now: Date.UTC(2027, 0) })).out, out)
    // A key that is new to the schema changes every configuration.
    const { about } = JSON.parse((await asked(folder, { ...SPAN, format: 'json' }, { config })).out)
    const shown = out.replaceAll(about.configSha256, CONFIG_SHA256)
    if (process.env.UPDATE_GOLDEN === '1') {
      mkdirSync(golden, { recursive: true })
      writeFileSync(join(golden, name), shown)
    }
    assert.equal(shown, readFileSync(join(golden, name), 'utf8'), 'run this test with UPDATE_GOLDEN=1 to write it anew')
    if (!('format' in options)) for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
  })
}
