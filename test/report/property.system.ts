import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { ReportRows } from '../../src/ledger/report-rows.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import type { Consumer } from '../../src/model/consumer.ts'
import { shareOut } from '../../src/model/share.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { type Figures, MASSES } from '../../src/report/figures.ts'
import { makeReport } from '../../src/report/make-report.ts'
import type { View } from '../../src/report/rows.ts'
import type { Tariff } from '../../src/report/tariff.ts'
import { POD, WEB } from '../ledger/consumers-setting.ts'
import { scratchDirectory, startLedger, steadyBatch } from '../ledger/setting.ts'
import fc from '../property.ts'

const START = Date.UTC(2026, 9, 30, 20)
const HOURS = 40
const UNALLOCATED: Consumer = { kind: 'unallocated', id: '', name: 'unallocated', labels: {} }
const OWNERS = [
  [WEB, 'shop'],
  [WEB, 'lab'],
  [POD, 'lab'],
  [UNALLOCATED, 'unassigned'],
] as const

const hour = fc.record({
  at: fc.integer({ min: 0, max: HOURS - 1 }),
  energyUj: fc.bigInt({ min: 0n, max: 10n ** 13n }),
  masses: fc.tuple(...MASSES.map(() => fc.option(fc.bigInt({ min: 0n, max: 10n ** 10n }), { freq: 20 }))),
  weights: fc.array(fc.bigInt({ min: 0n, max: 9n }), { minLength: 5, maxLength: 5 }),
  idlePct: fc.bigInt({ min: 0n, max: 100n }),
})
const hours = fc.uniqueArray(hour, { selector: ({ at }) => at, maxLength: 12 })
type Hour = typeof hour extends fc.Arbitrary<infer One> ? One : never

function batchOf(all: readonly Hour[]): LedgerBatch {
  const steady = steadyBatch(0)
  const [node] = steady.nodeRows
  assert.ok(node)
  const at = (hour: number) => ({ startUnixMs: START + hour * HOUR_MS, endUnixMs: START + hour * HOUR_MS + 60_000 })
  return {
    ...steady,
    channelRows: [],
    nodeRows: all.map(({ at: hour, energyUj, masses: [location, market, embodied, site, grid] }) => ({
      ...node,
      ...at(hour),
      energyUj,
      co2eLocationUg: location ?? null,
      co2eMarketUg: market ?? null,
      embodiedUg: embodied ?? null,
      siteWaterUl: site ?? null,
      gridWaterUl: grid ?? null,
    })),
    partRows: all.flatMap(({ at: hour, energyUj }) => [
      { ...at(hour), part: 'processors', quality: 'measured', energyUj: energyUj / 3n },
      { ...at(hour), part: 'rest', quality: 'measured', energyUj: energyUj / 2n },
    ]),
    // The fifth weight is what was not split.
    consumerRows: all.flatMap(({ at: hour, energyUj, weights, idlePct }) =>
      shareOut(energyUj, weights)
        .slice(0, OWNERS.length)
        .map((uj, n) => {
          const [consumer, tenant] = OWNERS[n] ?? [WEB, 'shop']
          const idleUj = consumer === UNALLOCATED ? uj : (uj * idlePct) / 100n
          return { hourUnixMs: START + hour * HOUR_MS, consumer, tenant, idleUj, dynamicUj: uj - idleUj }
        }),
    ),
  }
}

const tariff: Tariff = { currency: 'EUR', rule: '', priceOf: (hour) => BigInt((hour / HOUR_MS) % 7) - 2n }
const about = {
  organisation: null,
  site: null,
  node: 'n',
  labels: {},
  version: '1',
  configSha256: '',
  allocation: { version: 1, rulesSha256: '', rules: 0, unallocated: 'separate' },
  madeUnixMs: null,
  seal: null,
} as const

test('over any span and by any view the rows sum to the machine, to the µJ, the µg and the last bit of cost', async (t) => {
  const folder = scratchDirectory(t)
  let run = 0
  const span = fc.tuple(fc.integer({ min: 0, max: HOURS - 1 }), fc.integer({ min: 1, max: HOURS }))
  const property = fc.asyncProperty(hours, span, async (all, [first, length]) => {
    const path = join(folder, `${run++}.db`)
    const ledger = await startLedger(t, path)
    assert.ok(ledger.write(batchOf(all)))
    await ledger.stop()
    const from = START + first * HOUR_MS
    const until = from + length * HOUR_MS
    const within = all.filter(({ at }) => at >= first && at < first + length)
    const rows = new ReportRows(path)
    const make = (by: View, tenant: string | null = null) =>
      makeReport({
        rows,
        wanted: { span: { from, until }, by, tenant },
        tariff,
        unassigned: 'unassigned',
        about,
        onProgress: () => {},
      })
    try {
      const whole = within.reduce((sum, { energyUj }) => sum + energyUj, 0n)
      for (const by of ['hour', 'day', 'month', 'part', 'consumer', 'tenant'] as const) {
        const report = make(by)
        assert.equal(report.machine.energyUj, whole)
        const figures = report.rows.map((row) => row.figures)
        assert.equal(sumOf(figures, 'energyUj'), whole, by)
        for (const key of [...MASSES, 'cost'] as const) {
          const total = report.machine[key]
          if (total === null || (by === 'part' && key === 'embodiedUg')) continue
          // What has no energy has nobody to share its mass with.
          if (by === 'part' && within.some(({ energyUj }) => energyUj === 0n)) continue
          assert.equal(sumOf(figures, key), total, `${key} by ${by}`)
        }
      }
      const tenants = make('tenant').rows.flatMap(({ keys: { tenant } }) => (tenant ? [tenant] : []))
      const statements = tenants.map((tenant) => make('consumer', tenant).statement)
      const [any] = statements
      if (any == null) return
      const split = statements.flatMap((one) => (one === null ? [] : [one.own, one.unallocated]))
      const shared = sumOf(split, 'energyUj')
      const notSplit = make('tenant').rows.find(({ keys: { tenant } }) => tenant === '')?.figures.energyUj ?? 0n
      // Where nobody used anything, nobody has a part of what is unallocated.
      const days = Map.groupBy(within, ({ at }) => Math.floor((START + at * HOUR_MS) / 86_400_000))
      const isUsed = [...days.values()].every((day) =>
        day.some(({ energyUj, weights: [a = 0n, b = 0n, c = 0n] }) => energyUj > 10n && a + b + c > 0n),
      )
      if (isUsed) assert.equal(shared + notSplit, whole)
      else assert.ok(shared + notSplit <= whole)
    } finally {
      rows.close()
    }
  })
  await fc.assert(property, { numRuns: 60 })
})

function sumOf(figures: readonly Figures[], key: 'energyUj' | 'cost' | (typeof MASSES)[number]): bigint {
  return figures.reduce((sum, figure) => sum + (figure[key] ?? 0n), 0n)
}
