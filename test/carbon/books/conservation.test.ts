import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ContractConfig, contractsOf } from '../../../src/carbon/market/contract.ts'
import { MarketMix } from '../../../src/carbon/market/market-mix.ts'
import type { EmissionAccount, EmissionRow } from '../../../src/model/carbon.ts'
import fc from '../../property.ts'
import { aCarbon, PutSource, period, value } from '../a-carbon.ts'
import { DailyPue } from '../simulated-agent.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SPAN = 4 * HOUR
/** Whole, so that energy can be divided at any millisecond without a remainder. */
const UJ_PER_MS = 350_123n

const pue = new DailyPue((hour) => 1_000_000n + BigInt(hour % 3) * 137_431n)

/** A grid by 5, 15, 30 or 60 minutes, with intervals that it has no figure for, and contracts that begin and end. */
const setting = fc.record({
  grainMs: fc.constantFrom(5, 15, 30, 60).map((minutes) => minutes * MINUTE),
  figures: fc.array(fc.option(fc.nat(2_000), { freq: 5 }), { minLength: 48, maxLength: 48 }),
  contracts: fc.array(
    fc.record({
      percent: fc.integer({ min: 1, max: 33 }),
      g: fc.nat(300),
      kwh: fc.option(fc.nat(2)),
      from: fc.nat(SPAN / MINUTE - 1),
      minutes: fc.integer({ min: 1, max: 240 }),
    }),
    { maxLength: 3 },
  ),
})
type Setting = typeof setting extends fc.Arbitrary<infer S> ? S : never

const cuts = fc.array(fc.integer({ min: 1, max: SPAN - 1 }), { maxLength: 30 })

function booksOf({ grainMs, figures, contracts }: Setting) {
  const periods = figures
    .slice(0, SPAN / grainMs)
    .flatMap((g, n) => (g === null ? [] : [period(n * grainMs, (n + 1) * grainMs, g)]))
  const iso = (unixMs: number) => new Date(unixMs).toISOString()
  const configs = contracts.map(
    ({ percent, g, kwh, from, minutes }, n): ContractConfig => ({
      name: `c${n}`,
      instrument: 'ppa',
      share: percent / 100,
      kwh,
      g_per_kwh: g,
      basis: 'direct',
      from: iso(from * MINUTE),
      to: iso((from + minutes) * MINUTE),
    }),
  )
  const market = new MarketMix(contractsOf(configs, 'DE'), null)
  return aCarbon({ sources: [new PutSource('grid', grainMs, ...periods), value(7)], pue, market }).carbon
}

function bookCut(setting: Setting, at: readonly number[], order: (parts: [number, number][]) => [number, number][]) {
  const carbon = booksOf(setting)
  const edges = [...new Set([0, ...at, SPAN])].toSorted((a, b) => a - b)
  const parts = edges.slice(1).map((end, n): [number, number] => [edges[n] ?? 0, end])
  let [locationUg, marketUg] = [0n, 0n]
  for (const [start, end] of order(parts)) {
    const booked = carbon.book(UJ_PER_MS * BigInt(end - start), start, end)
    locationUg += booked.co2eLocationUg ?? 0n
    marketUg += booked.co2eMarketUg ?? 0n
  }
  const { emissions, totals } = carbon.collect()
  assert.deepEqual([totals.bookedUg.location.direct, totals.bookedUg.market.direct], [locationUg, marketUg])
  return emissions
}

const energyOf = (rows: readonly EmissionRow[], account: EmissionAccount) =>
  rows.reduce((uj, row) => (row.account === account ? uj + row.energyUj : uj), 0n)

test('whatever is cut where: no energy is lost or counted twice, in either account', () => {
  fc.assert(
    fc.property(setting, cuts, (one, at) => {
      const rows = bookCut(one, at, (parts) => parts)
      const wholeUj = UJ_PER_MS * BigInt(SPAN)
      assert.deepEqual([energyOf(rows, 'location'), energyOf(rows, 'market')], [wholeUj, wholeUj])
      for (const { startUnixMs, endUnixMs, energyUj, puePpm, factor, co2eUg } of rows) {
        assert.equal(Math.floor(startUnixMs / HOUR), Math.floor((endUnixMs - 1) / HOUR), 'within one hour')
        assert.equal(puePpm, pue.ppmAt(startUnixMs))
        assert.equal(co2eUg, (energyUj * (factor.mgPerKwh ?? 0n) * puePpm) / 3_600_000_000_000_000n)
        if (factor.instrument !== 'grid') continue
        // At most the time of one figure, and only energy of that time.
        assert.ok(endUnixMs - startUnixMs <= one.grainMs)
        assert.equal(Math.floor(startUnixMs / one.grainMs), Math.floor((endUnixMs - 1) / one.grainMs))
        assert.ok(energyUj <= UJ_PER_MS * BigInt(endUnixMs - startUnixMs))
        const stated = one.figures[startUnixMs / one.grainMs] ?? 7
        assert.equal(factor.mgPerKwh, BigInt(stated) * 1_000n)
      }
    }),
  )
})

const located = (rows: readonly EmissionRow[]) =>
  rows
    .filter(({ account }) => account === 'location')
    .map(({ id, ...row }) => row)
    .toSorted((a, b) => a.startUnixMs - b.startUnixMs)

test('neither cuts nor the order of arrival change a booking, over changes of figure, PUE and contract', () => {
  fc.assert(
    fc.property(setting, cuts, fc.nat(), (one, at, seed) => {
      const whole = located(bookCut(one, [], (parts) => parts))
      assert.deepEqual(located(bookCut(one, at, (parts) => parts)), whole)
      const shuffle = (parts: [number, number][]) =>
        parts.toSorted(([a], [b]) => ((a * 7919 + seed) % 1009) - ((b * 7919 + seed) % 1009))
      assert.deepEqual(located(bookCut(one, at, shuffle)), whole)
    }),
  )
})
