import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Amortised, amortisedUg } from '../../../src/carbon/embodied/amortisation.ts'
import { EmbodiedAccrual } from '../../../src/carbon/embodied/embodied-accrual.ts'
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
