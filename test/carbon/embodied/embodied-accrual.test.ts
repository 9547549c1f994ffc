import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Amortised, amortisedUg } from '../../../src/carbon/embodied/amortisation.ts'
import { EmbodiedAccrual } from '../../../src/carbon/embodied/embodied-accrual.ts'
import fc from '../../property.ts'
import { aCarbon, MAKING, value } from '../a-carbon.ts'

const HOUR_MS = 3_600_000
const NOW = Date.parse('2026-03-01T12:00:00Z')
const UNDATED: Amortised = { totalUg: 1_000_000_000_000n, lifetimeMs: 35_040 * HOUR_MS, startsUnixMs: null }

function account(amortised: Amortised, accruedUg = 0n): (startUnixMs: number, endUnixMs: number) => bigint {
  const embodied = new EmbodiedAccrual(MAKING, amortised)
  embodied.restore(accruedUg)
  return (start, end) => embodied.accrue(start, end)
}

test('time counts, energy does not, and what the energy emits stays as it is', () => {
  const { carbon } = aCarbon({ sources: [value(500)], embodied: new EmbodiedAccrual(MAKING, UNDATED) })
  const { co2eLocationUg, embodiedUg } = carbon.book(7_200_000n, NOW, NOW + HOUR_MS)
  assert.equal(co2eLocationUg, 1_000n)
  assert.equal(embodiedUg, amortisedUg(UNDATED, NOW, NOW + HOUR_MS))
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
  assert.equal(accrue(NOW, NOW + HOUR_MS), amortisedUg(dated, NOW, NOW + 1_000))
  assert.equal(accrue(NOW + HOUR_MS, NOW + 2 * HOUR_MS), 0n)
})

test('rows in any division sum to what their time is worth, and none is negative', () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 100 })
  fc.assert(
    fc.property(lengths, fc.bigInt({ min: 0n, max: 10n ** 15n }), (pieces, totalUg) => {
      const amortised = { ...UNDATED, totalUg }
      const accrue = account(amortised)
      let [at, sum] = [NOW, 0n]
      for (const length of pieces) {
        const ug = accrue(at, at + length)
        assert.ok(ug >= 0n)
        sum += ug
        at += length
      }
      assert.equal(sum, amortisedUg(amortised, NOW, at))
    }),
  )
})

test('once more is known of the parts, the making is another from then on, and what is booked stays', () => {
  const embodied = new EmbodiedAccrual(MAKING, UNDATED)
  const { carbon } = aCarbon({ sources: [value(500)], embodied, unixMs: () => NOW + 5 * HOUR_MS })
  const hour = (at: number) => carbon.book(1n, NOW + at * HOUR_MS, NOW + (at + 1) * HOUR_MS).embodiedUg
  const beforeUg = hour(0) ?? 0n
  const told = { ...MAKING, source: 'told' }
  const twice = { ...UNDATED, totalUg: 2n * UNDATED.totalUg }
  carbon.embody(new EmbodiedAccrual(told, twice))
  const afterUg = amortisedUg(twice, NOW + HOUR_MS, NOW + 2 * HOUR_MS)
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

test('an hour that was booked at another making is covered once after a restart, and no hour beside it', async () => {
  const [first, second] = [UNDATED, { ...UNDATED, totalUg: UNDATED.totalUg / 4n }].map(
    (one) => new EmbodiedAccrual(MAKING, one),
  )
  assert.ok(first && second)
  const { carbon } = aCarbon({ sources: [value(500)], embodied: first, unixMs: () => NOW })
  carbon.book(1n, NOW, NOW + HOUR_MS)
  carbon.embody(second)
  carbon.book(1n, NOW + HOUR_MS, NOW + 2 * HOUR_MS)
  const { emissions, totals } = carbon.collect()
  const atUnixMs = NOW + 4 * HOUR_MS
  const store = {
    restore: () => ({ carbon: totals, atUnixMs }),
    restoreBooks: () => ({
      emissions: emissions.map((row) => ({
        ...row,
        standing: { factor: row.factor, co2eUg: row.co2eUg, restatementId: null },
      })),
      next: { emissionId: 9, restatementId: 1 },
    }),
  }
  const again = new EmbodiedAccrual(MAKING, { ...UNDATED, totalUg: UNDATED.totalUg / 4n })
  const { carbon: next } = aCarbon({ sources: [value(500)], embodied: again, store, unixMs: () => atUnixMs })
  await next.start(new AbortController().signal)
  assert.equal(next.book(1n, NOW, NOW + 2 * HOUR_MS).embodiedUg, 0n)
  const third = [NOW + 2 * HOUR_MS, NOW + 3 * HOUR_MS] as const
  assert.equal(next.book(1n, ...third).embodiedUg, again.due(...third))
})
