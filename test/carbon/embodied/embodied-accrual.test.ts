import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Amortised } from '../../../src/carbon/embodied/amortisation.ts'
import { EmbodiedAccrual } from '../../../src/carbon/embodied/embodied-accrual.ts'
import { HOUR_MS } from '../../../src/model/time.ts'
import { NS_PER_MS, NS_PER_S } from '../../../src/model/units.ts'
import fc from '../../property.ts'
import { aCarbon, MAKING, value } from '../a-carbon.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const UNDATED: Amortised = { totalUg: 1_000_000_000_000n, lifetimeMs: 35_040 * HOUR_MS, startsUnixMs: null }

const HOUR_NS = 3_600n * NS_PER_S

const worthUg = ({ totalUg, lifetimeMs }: Amortised, ms: number) => (totalUg * BigInt(ms)) / BigInt(lifetimeMs)

function account(amortised: Amortised, accruedUg = 0n): (startUnixMs: number, endUnixMs: number) => bigint {
  const embodied = new EmbodiedAccrual(MAKING, amortised)
  embodied.restore(accruedUg)
  return (start, end) => embodied.accrue(start, BigInt(end - start) * NS_PER_MS)
}

test('time counts, energy does not, and what the energy emits stays as it is', () => {
  const { carbon } = aCarbon({ sources: [value(500)], embodied: new EmbodiedAccrual(MAKING, UNDATED) })
  assert.equal(carbon.book(7_200_000n, NOW, NOW + HOUR_MS).co2eLocationUg, 1_000n)
  const embodiedUg = carbon.cover(NOW, HOUR_NS)
  assert.equal(embodiedUg, worthUg(UNDATED, HOUR_MS))
  const { emissions, totals } = carbon.collect()
  const booked = emissions.find((row) => row.account === 'embodied')
  assert.deepEqual([booked?.factor, booked?.energyUj, booked?.co2eUg], [MAKING, 0n, embodiedUg])
  assert.equal(totals.bookedUg.embodied['life-cycle'], embodiedUg)
})

test('without a date it ends when all of it is booked', () => {
  const accrue = account(UNDATED, UNDATED.totalUg - 5n)
  assert.equal(accrue(NOW, NOW + HOUR_MS), 5n)
  assert.equal(accrue(NOW + HOUR_MS, NOW + 2 * HOUR_MS), 0n)
  assert.equal(account(UNDATED, UNDATED.totalUg + 5n)(NOW, NOW + HOUR_MS), 0n)
})

test('with a date it ends with the lifetime, whatever is booked', () => {
  const dated = { ...UNDATED, startsUnixMs: NOW - UNDATED.lifetimeMs + 1_000 }
  const accrue = account(dated, 0n)
  assert.equal(accrue(NOW, NOW + HOUR_MS), worthUg(dated, 1_000))
  assert.equal(accrue(NOW + HOUR_MS, NOW + 2 * HOUR_MS), 0n)
})

test('time in any division, at whatever hour the clock says it is, sums to what it is worth, and none is negative', () => {
  const length = fc.tuple(fc.bigInt({ min: 0n, max: 60n * NS_PER_S }), fc.integer({ min: -HOUR_MS, max: HOUR_MS }))
  const lengths = fc.array(length, { maxLength: 100 })
  fc.assert(
    fc.property(lengths, fc.bigInt({ min: 0n, max: 10n ** 15n }), (pieces, totalUg) => {
      const amortised = { ...UNDATED, totalUg }
      const embodied = new EmbodiedAccrual(MAKING, amortised)
      let [wholeNs, sum] = [0n, 0n]
      for (const [durationNs, jumpMs] of pieces) {
        const ug = embodied.accrue(NOW + jumpMs, durationNs)
        assert.ok(ug >= 0n)
        sum += ug
        wholeNs += durationNs
      }
      assert.equal(sum, (totalUg * wholeNs) / (BigInt(UNDATED.lifetimeMs) * NS_PER_MS))
    }),
  )
})

test('once more is known of the parts, the making is another from then on, and what is booked stays', () => {
  const embodied = new EmbodiedAccrual(MAKING, UNDATED)
  const { carbon } = aCarbon({ sources: [value(500)], embodied, unixMs: () => NOW + 5 * HOUR_MS })
  const hour = (at: number) => carbon.cover(NOW + at * HOUR_MS, HOUR_NS)
  const beforeUg = hour(0) ?? 0n
  const told = { ...MAKING, source: 'told' }
  const twice = { ...UNDATED, totalUg: 2n * UNDATED.totalUg }
  carbon.embody(new EmbodiedAccrual(told, twice))
  const afterUg = worthUg(twice, HOUR_MS)
  assert.equal(hour(1), afterUg)
  const { emissions, totals } = carbon.collect()
  const booked = emissions.filter(({ account }) => account === 'embodied')
  assert.deepEqual(
    booked.map(({ factor, co2eUg }) => [factor.source, co2eUg]),
    [
      ['test', beforeUg],
      ['told', afterUg],
    ],
  )
  carbon.embody(new EmbodiedAccrual(told, { ...UNDATED, totalUg: totals.bookedUg.embodied['life-cycle'] + 7n }))
  assert.equal(hour(2), 7n, 'what is booked counts towards the new total')
  carbon.embody(new EmbodiedAccrual(told, { ...UNDATED, totalUg: 1n }))
  assert.equal(hour(3), 0n)
  carbon.embody(null)
  assert.equal(hour(4), null)
})

test('with a date a life in any division comes to its total', () => {
  const dated = { totalUg: 1_234_567n, lifetimeMs: 100_003, startsUnixMs: NOW }
  const accrue = account(dated)
  let sum = accrue(NOW - 5_000, NOW + 1)
  for (let at = NOW + 1; at < NOW + 200_000; at += 777) sum += accrue(at, at + 777)
  assert.equal(sum, dated.totalUg)
})
