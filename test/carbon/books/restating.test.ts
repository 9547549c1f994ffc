import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPEN_MS } from '../../../src/carbon/books/restating.ts'
import { MarketMix } from '../../../src/carbon/market/market-mix.ts'
import { StaticSource } from '../../../src/carbon/sources/static.ts'
import {
  type CarbonBatch,
  type EmissionAccount,
  type FigureStatus,
  NO_CARBON,
  type RestatementRow,
} from '../../../src/model/carbon.ts'
import { UJ_PER_KWH } from '../../../src/model/units.ts'
import fc from '../../property.ts'
import { aCarbon, PutSource, period, value } from '../a-carbon.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const hour = (n: number, gPerKwh: number, status: FigureStatus = 'final') =>
  period(n * HOUR, (n + 1) * HOUR, gPerKwh, { status })

const figuresOf = (rows: readonly RestatementRow[]) =>
  rows.map(({ emissionId, replacesId, factor, beforeUg, afterUg }) => [
    emissionId,
    replacesId,
    `${Number(factor.mgPerKwh) / 1e3} ${factor.source} ${factor.status}`,
    Number(beforeUg) / 1e6,
    Number(afterUg) / 1e6,
  ])

/** Booked and corrected: what holds, whatever its basis. */
function settledUg({ totals }: CarbonBatch, account: EmissionAccount): bigint {
  const { bookedUg, correctionUg } = totals
  return Object.values(bookedUg[account])
    .concat(Object.values(correctionUg[account]))
    .reduce((a, b) => a + b)
}

test('what stood in is restated when the preferred figure arrives; the booking stays', () => {
  const grid = new PutSource('grid', HOUR)
  const { carbon } = aCarbon({ sources: [grid, value(100)] })
  carbon.book(UJ_PER_KWH, 0, MINUTE)
  assert.deepEqual(carbon.collect().restatements, [])
  grid.put(hour(0, 400, 'provisional'))
  const late = carbon.collect()
  assert.deepEqual(figuresOf(late.restatements), [[1, null, '400 grid provisional', 100, 400]])
  assert.deepEqual(late.emissions, [])
  assert.equal(late.totals.bookedUg.location.direct, 100_000_000n)
  assert.equal(late.totals.correctionUg.location.direct, 300_000_000n)
  // Revised, then confirmed: each names the one before.
  grid.put(hour(0, 350, 'provisional'))
  assert.deepEqual(figuresOf(carbon.collect().restatements), [[1, 1, '350 grid provisional', 400, 350]])
  grid.put(hour(0, 350))
  assert.deepEqual(figuresOf(carbon.collect().restatements), [[1, 2, '350 grid final', 350, 350]])
  assert.deepEqual(carbon.collect().restatements, [])
})

test('a final figure gives way to a revision of its source, and to nothing less sure', () => {
  const grid = new PutSource('grid', HOUR, hour(0, 400))
  const { carbon } = aCarbon({ sources: [grid, value(100)] })
  carbon.book(UJ_PER_KWH, 0, HOUR)
  carbon.collect()
  grid.put(hour(0, 390, 'estimated'))
  assert.deepEqual(carbon.collect().restatements, [])
  grid.put(hour(0, 380))
  assert.deepEqual(figuresOf(carbon.collect().restatements), [[1, null, '380 grid final', 400, 380]])
})

test('a configuration that changes restates only what was an admitted stand-in', () => {
  const before = aCarbon({ sources: [new PutSource('grid', HOUR, hour(0, 400)), value(100)] }).carbon
  before.book(UJ_PER_KWH, 0, HOUR)
  before.book(UJ_PER_KWH, HOUR, 2 * HOUR)
  const { emissions, totals } = before.collect()
  const settled = emissions.map((row) => ({
    ...row,
    standing: { factor: row.factor, co2eUg: row.co2eUg, restatementId: null },
  }))
  const store = {
    restore: () => ({ carbon: totals, atUnixMs: 0 }),
    restoreBooks: () => ({ emissions: settled, next: { emissionId: 3, restatementId: 1 } }),
  }
  const { carbon } = aCarbon({ sources: [new PutSource('other', HOUR, hour(0, 9), hour(1, 8))], store })
  return carbon.start(new AbortController().signal).then(() => {
    const { restatements } = carbon.collect()
    assert.deepEqual(figuresOf(restatements), [[2, null, '8 other final', 100, 8]])
  })
})

test('a clock that begins at 1970 opens the books of the last days, and not of all years', async () => {
  const asked: number[] = []
  const restoreBooks = (sinceUnixMs: number) => {
    asked.push(sinceUnixMs)
    return { emissions: [], next: { emissionId: 1, restatementId: 1 } }
  }
  const lastUnixMs = Date.UTC(2026, 5, 1)
  for (const [atUnixMs, nowUnixMs] of [
    [lastUnixMs, 5_000],
    [lastUnixMs, lastUnixMs + HOUR],
  ] as const) {
    const store = { restore: () => ({ carbon: NO_CARBON, atUnixMs }), restoreBooks }
    await aCarbon({ sources: [value(1)], store, unixMs: () => nowUnixMs }).carbon.start(new AbortController().signal)
  }
  assert.deepEqual(asked, [lastUnixMs - OPEN_MS, lastUnixMs + HOUR - OPEN_MS])
})

test('figures of two bases are never averaged, and a correction moves grams from one to the other', () => {
  const grid = new PutSource('grid', HOUR)
  const { carbon } = aCarbon({ sources: [grid, new StaticSource('DE')] })
  carbon.book(UJ_PER_KWH, 0, HOUR)
  const booked = carbon.collect().totals
  assert.deepEqual(booked.bookedUg.location, { direct: 0n, 'life-cycle': 342_060_000n })
  // Half of the hour has a direct figure, and the other half only the life-cycle one that stood in for all.
  grid.put(period(0, HOUR / 2, 400))
  assert.deepEqual(carbon.collect().restatements, [])
  grid.put(period(HOUR / 2, HOUR, 200))
  const { totals, restatements } = carbon.collect()
  assert.deepEqual(figuresOf(restatements), [[1, null, '300 grid final', 342.06, 300]])
  assert.deepEqual(totals.correctionUg.location, { direct: 300_000_000n, 'life-cycle': -342_060_000n })
})

test('energy that comes late to a restated hour is settled with it', () => {
  const grid = new PutSource('grid', HOUR)
  const { carbon } = aCarbon({ sources: [grid, value(100)] })
  carbon.book(UJ_PER_KWH, 0, MINUTE)
  carbon.collect()
  grid.put(hour(0, 400))
  carbon.collect()
  carbon.book(UJ_PER_KWH, 5 * MINUTE, 6 * MINUTE)
  const { emissions, restatements } = carbon.collect()
  // The figure is known by now, so the late energy has a booking of its own.
  assert.deepEqual([emissions.length, restatements.length], [1, 0])
  assert.equal(settledUg(carbon.collect(), 'location'), 800_000_000n)
})

/** A source that loses its figures, as an agent's does when it is started anew without a network. */
class LosingSource extends PutSource {
  isLost = false

  override cover(unixMs: number) {
    return this.isLost ? { intensity: null, untilUnixMs: Number.POSITIVE_INFINITY } : super.cover(unixMs)
  }
}

test('energy that comes to a restated booking with its stand-in is kept in the basis of what holds', () => {
  const grid = new LosingSource('grid', HOUR)
  const { carbon } = aCarbon({ sources: [grid, new StaticSource('DE')] })
  carbon.book(UJ_PER_KWH, 0, MINUTE)
  carbon.collect()
  grid.put(hour(0, 400))
  carbon.collect()
  grid.isLost = true
  carbon.book(UJ_PER_KWH, MINUTE, 2 * MINUTE)
  const lost = carbon.collect()
  assert.deepEqual([lost.emissions.length, lost.restatements.length], [1, 0])
  assert.deepEqual(lost.totals.bookedUg.location, { direct: 0n, 'life-cycle': 684_120_000n })
  // 400 g for the first kilowatt hour, and for the second what is known of it.
  assert.deepEqual(lost.totals.correctionUg.location, { direct: 742_060_000n, 'life-cycle': -684_120_000n })
  grid.isLost = false
  grid.put(hour(0, 400))
  const found = carbon.collect()
  assert.deepEqual(figuresOf(found.restatements), [[1, 1, '400 grid final', 742.06, 800]])
  assert.deepEqual(found.totals.correctionUg.location, { direct: 800_000_000n, 'life-cycle': -684_120_000n })
})

test('of the market-based account only what rests on the grid is settled', () => {
  const grid = new PutSource('grid', HOUR)
  const half = {
    key: 'half',
    sharePpm: 500_000n,
    siteUj: null,
    factor: {
      ...period(0, 10 * HOUR, 50, { source: 'contract:half' }),
      endsUnixMs: 10 * HOUR,
      instrument: 'ppa',
      reason: null,
    },
  } as const
  const { carbon } = aCarbon({ sources: [grid, value(100)], market: new MarketMix([half], null) })
  carbon.book(UJ_PER_KWH, 0, HOUR)
  assert.equal(settledUg(carbon.collect(), 'market'), 75_000_000n)
  grid.put(hour(0, 400))
  assert.equal(settledUg(carbon.collect(), 'market'), 225_000_000n)
})

test('a booking is open for forty days, and closed within a day after them', () => {
  const clock = { nowUnixMs: HOUR }
  const grid = new PutSource('grid', HOUR)
  const { carbon } = aCarbon({ sources: [grid, value(100)], unixMs: () => clock.nowUnixMs })
  const restatementsAt = (days: number, gPerKwh: number) => {
    clock.nowUnixMs = HOUR + days * 24 * HOUR
    grid.put(hour(0, gPerKwh))
    const { restatements } = carbon.collect()
    carbon.collect()
    return restatements.length
  }
  carbon.book(UJ_PER_KWH, 0, HOUR)
  assert.deepEqual([restatementsAt(1, 400), restatementsAt(40, 410), restatementsAt(41.1, 420)], [1, 1, 1])
  assert.equal(restatementsAt(41.2, 430), 0)
})

const QUARTER = 15 * MINUTE
const HOURS = 6

/** What a source says of a quarter of an hour, in the course of time. */
const said = fc.record({ quarter: fc.nat(4 * HOURS - 1), gPerKwh: fc.nat(2_000) })
const used = fc.record({ minute: fc.nat(60 * HOURS - 1), energyUj: fc.bigInt({ min: 1n, max: 10n ** 13n }) })
const happening = fc.oneof(
  said.map((figure) => ({ figure, use: null })),
  used.map((use) => ({ figure: null, use })),
)

test('restated totals are those of a fresh computation on the final data, in whatever order things come', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 120 }), (happenings) => {
      const quarter = (n: number, gPerKwh: number) => period(n * QUARTER, (n + 1) * QUARTER, gPerKwh)
      const grid = new PutSource('grid', QUARTER)
      const { carbon } = aCarbon({ sources: [grid, value(300)], pue: 1.37 })
      for (const { figure, use } of happenings) {
        if (figure !== null) grid.put(quarter(figure.quarter, figure.gPerKwh))
        if (use !== null) carbon.book(use.energyUj, use.minute * MINUTE, (use.minute + 1) * MINUTE)
        carbon.collect()
      }
      const last = new PutSource('grid', QUARTER)
      for (const { figure } of happenings) if (figure !== null) last.put(quarter(figure.quarter, figure.gPerKwh))
      const fresh = aCarbon({ sources: [last, value(300)], pue: 1.37 }).carbon
      for (const { use } of happenings) {
        if (use !== null) fresh.book(use.energyUj, use.minute * MINUTE, (use.minute + 1) * MINUTE)
      }
      const [restated, computed] = [settledUg(carbon.collect(), 'location'), settledUg(fresh.collect(), 'location')]
      // Each booking is rounded down once, and a quarter may have one for every figure that it had.
      const most = BigInt(happenings.length)
      assert.ok(restated <= computed && computed - restated <= most, `${restated} µg, afresh ${computed} µg`)
    }),
  )
})

test('no total that is exported as a counter ever falls', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const grid = new PutSource('grid', QUARTER)
      const { carbon } = aCarbon({ sources: [grid, value(300)], water: { wue: 1.1, l_per_kwh: 2.3 } })
      let before = carbon.collect().totals
      for (const { figure, use } of happenings) {
        if (figure !== null) grid.put(period(figure.quarter * QUARTER, (figure.quarter + 1) * QUARTER, figure.gPerKwh))
        if (use !== null) carbon.book(use.energyUj, use.minute * MINUTE, (use.minute + 1) * MINUTE)
        const { totals } = carbon.collect()
        assert.ok(totals.bookedUg.location.direct >= before.bookedUg.location.direct)
        assert.ok(totals.siteWaterUl >= before.siteWaterUl && totals.gridWaterUl >= before.gridWaterUl)
        before = totals
      }
    }),
  )
})
