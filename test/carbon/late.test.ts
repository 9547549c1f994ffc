import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ContractConfig, contractsOf } from '../../src/carbon/market/contract.ts'
import { MarketMix } from '../../src/carbon/market/market-mix.ts'
import type { EmissionAccount, EmissionRow } from '../../src/model/carbon.ts'
import fc from '../property.ts'
import { aCarbon, PutSource, period, value } from './a-carbon.ts'
import { DailyPue } from './simulated-agent.ts'

/*
 * Postings in any order: a part of the machine whose counter is bridged after an outage is booked hours after the others.
 */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SPAN = 6 * HOUR

const pue = new DailyPue((hour) => 1_000_000n + BigInt(hour % 4) * 137_431n)

type Posting = readonly [energyUj: bigint, startUnixMs: number, endUnixMs: number]

/** Of several parts of a machine, so of the same time again and again. */
const posting: fc.Arbitrary<Posting> = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.nat(SPAN - 1), fc.integer({ min: 1, max: 3 * HOUR }))
  .map(([energyUj, start, length]) => [energyUj, start, Math.min(start + length, SPAN)])

const setting = fc.record({
  postings: fc.array(posting, { minLength: 1, maxLength: 25 }),
  seed: fc.nat(),
  figures: fc.array(fc.option(fc.nat(1_000), { freq: 4 }), { minLength: 24, maxLength: 24 }),
  kwh: fc.option(fc.integer({ min: 1, max: 3 })),
  percent: fc.integer({ min: 1, max: 100 }),
})
type Setting = typeof setting extends fc.Arbitrary<infer S> ? S : never

function booksOf({ figures, kwh, percent }: Setting) {
  const iso = (unixMs: number) => new Date(unixMs).toISOString()
  const config: ContractConfig = {
    name: 'ppa',
    instrument: 'ppa',
    share: percent / 100,
    kwh,
    g_per_kwh: 20,
    basis: 'direct',
    from: iso(HOUR + 7 * MINUTE),
    to: iso(4 * HOUR + 11 * MINUTE),
  }
  const contracts = contractsOf([config], 'DE')
  const quarters = figures.flatMap((g, n) => (g === null ? [] : [period(n * 15 * MINUTE, (n + 1) * 15 * MINUTE, g)]))
  const grid = new PutSource('grid', 15 * MINUTE, ...quarters)
  const books = aCarbon({
    sources: [grid, value(7)],
    pue,
    market: new MarketMix(contracts, null),
    water: { wue: 1.7, l_per_kwh: 2.3 },
    unixMs: () => SPAN,
  })
  return { ...books, grid, contracts }
}

const isWithin = (start: number, end: number, row: { readonly startUnixMs: number; readonly endUnixMs: number }) =>
  row.startUnixMs <= start && end <= row.endUnixMs

const sumOf = (rows: readonly EmissionRow[], account: EmissionAccount, what: 'energyUj' | 'co2eUg' = 'energyUj') =>
  rows.reduce((sum, row) => (row.account === account ? sum + row[what] : sum), 0n)

const sorted = (rows: readonly EmissionRow[], account: EmissionAccount) =>
  rows
    .filter((row) => row.account === account)
    .map(({ id, ...row }) => row)
    .toSorted((a, b) => a.startUnixMs - b.startUnixMs || a.endUnixMs - b.endUnixMs)

test('in whatever order postings come: each joule in its hour at its figure and PUE, claimed once', () => {
  fc.assert(
    fc.property(setting, (one) => {
      const inOrder = one.postings.toSorted(([, a], [, b]) => a - b)
      const shuffled = one.postings.toSorted(
        ([, a], [, b]) => ((a * 7919 + one.seed) % 1009) - ((b * 7919 + one.seed) % 1009),
      )
      const results = [inOrder, shuffled].map((postings) => {
        const { carbon, contracts, changes } = booksOf(one)
        let [marketUg, waterUl] = [0n, 0n]
        for (const [index, booked] of postings.entries()) {
          const emissions = carbon.book(...booked)
          marketUg += emissions.co2eMarketUg ?? 0n
          waterUl += (emissions.siteWaterUl ?? 0n) + (emissions.gridWaterUl ?? 0n)
          // A flush in between makes rows of the past grow, and no more.
          if (index % 7 === 3) carbon.collect()
        }
        const { totals } = carbon.collect()
        for (const { key, siteUj } of contracts) {
          if (siteUj !== null) assert.ok((totals.claimedUj[key] ?? 0n) <= siteUj)
        }
        assert.equal(totals.bookedUg.market.direct, marketUg)
        for (const [index, { atUnixMs }] of changes.entries())
          assert.ok(atUnixMs >= (changes[index - 1]?.atUnixMs ?? 0))
        return { waterUl, located: totals.bookedUg.location.direct }
      })
      assert.deepEqual(results[1], results[0])
    }),
  )
})

test('rows of late postings are those of the hour that they are of, whatever came before', () => {
  fc.assert(
    fc.property(setting, (one) => {
      const { carbon, contracts } = booksOf(one)
      const shuffled = one.postings.toSorted(
        ([, a], [, b]) => ((a * 7919 + one.seed) % 1009) - ((b * 7919 + one.seed) % 1009),
      )
      for (const booked of shuffled) carbon.book(...booked)
      const { emissions } = carbon.collect()
      const wholeUj = one.postings.reduce((sum, [energyUj]) => sum + energyUj, 0n)
      assert.deepEqual([sumOf(emissions, 'location'), sumOf(emissions, 'market')], [wholeUj, wholeUj])
      for (const row of emissions) {
        assert.equal(Math.floor(row.startUnixMs / HOUR), Math.floor((row.endUnixMs - 1) / HOUR), 'within one hour')
        assert.equal(row.puePpm, pue.ppmAt(row.startUnixMs))
        const stated = one.figures[Math.floor(row.startUnixMs / (15 * MINUTE))] ?? 7
        const [contract] = contracts
        if (row.factor.instrument === 'grid') assert.equal(row.factor.mgPerKwh, BigInt(stated) * 1_000n)
        else if (contract !== undefined) {
          const { startsUnixMs, endsUnixMs } = contract.factor
          assert.ok(isWithin(row.startUnixMs, row.endUnixMs, { startUnixMs: startsUnixMs, endUnixMs: endsUnixMs }))
        }
      }
      const alone = booksOf(one).carbon
      for (const booked of one.postings) alone.book(...booked)
      assert.deepEqual(sorted(emissions, 'location'), sorted(alone.collect().emissions, 'location'))
    }),
  )
})

test('a late posting extends the booking of its hour, is settled at what is known by then, and tells no change of source', () => {
  const { carbon, changes, grid } = booksOf({
    postings: [],
    seed: 0,
    figures: [null, 200, 200, 200],
    kwh: null,
    percent: 1,
  })
  carbon.book(1_000_000n, 0, 15 * MINUTE)
  carbon.book(1_000_000n, 15 * MINUTE, 30 * MINUTE)
  const before = carbon.collect()
  assert.deepEqual(
    changes.map(({ atUnixMs, isFallback }) => [atUnixMs, isFallback]),
    [
      [0, true],
      [15 * MINUTE, false],
    ],
  )
  grid.put(period(0, 15 * MINUTE, 300))
  carbon.book(3_600_000_000n, 0, 30 * MINUTE)
  const { emissions, restatements } = carbon.collect()
  assert.equal(changes.length, 2)
  const second = before.emissions.find(({ account, startUnixMs }) => account === 'location' && startUnixMs > 0)
  const located = emissions
    .filter(({ account }) => account === 'location')
    .toSorted((a, b) => b.startUnixMs - a.startUnixMs)
  assert.deepEqual(
    located.map(({ startUnixMs, energyUj, factor }) => [startUnixMs, energyUj, factor.mgPerKwh]),
    [
      [15 * MINUTE, 1_801_000_000n, 200_000n],
      [0, 1_800_000_000n, 300_000n],
    ],
  )
  assert.equal(located[0]?.id, second?.id)
  assert.ok(restatements.length > 0 && restatements.every(({ factor }) => factor.mgPerKwh === 300_000n))
})
