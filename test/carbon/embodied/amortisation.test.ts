import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Amortised, amortisedUg } from '../../../src/carbon/embodied/amortisation.ts'
import { HOUR_MS } from '../../../src/model/time.ts'
import fc from '../../property.ts'

const YEAR_MS = 8_760 * HOUR_MS
const START = Date.parse('2024-03-01')
const START_DATED: Amortised = {
  totalUg: 1_000_000_000_000n,
  lifetimeMs: 4 * YEAR_MS,
  startsUnixMs: START,
}

test('ISO/IEC 21031 (SCI): 1,000 kg over 4 years are 28.5 g in an hour', () => {
  const ug = amortisedUg(START_DATED, START, START + HOUR_MS)
  assert.equal((Number(ug) / 1e6).toFixed(1), '28.5')
})

test('nothing before the commissioning, everything over the lifetime, nothing after it', () => {
  const ends = START + START_DATED.lifetimeMs
  assert.equal(amortisedUg(START_DATED, 0, START), 0n)
  assert.equal(amortisedUg(START_DATED, START, ends), START_DATED.totalUg)
  assert.equal(amortisedUg(START_DATED, ends, ends + YEAR_MS), 0n)
  assert.equal(amortisedUg(START_DATED, 0, ends + YEAR_MS), START_DATED.totalUg)
})

test('any division of a time gives the same to the µg, and no part is negative', () => {
  const spread = fc.record({
    totalUg: fc.bigInt({ min: 0n, max: 10n ** 16n }),
    lifetimeMs: fc.integer({ min: 1, max: 30 * YEAR_MS }),
    startsUnixMs: fc.option(fc.integer({ min: -YEAR_MS, max: YEAR_MS })),
  })
  const cuts = fc.array(fc.integer({ min: -YEAR_MS, max: 40 * YEAR_MS }), { minLength: 2, maxLength: 50 })
  fc.assert(
    fc.property(spread, cuts, (amortised, times) => {
      const sorted = times.toSorted((a, b) => a - b)
      let sum = 0n
      for (const [index, to] of sorted.entries()) {
        const part = amortisedUg(amortised, sorted[index - 1] ?? to, to)
        assert.ok(part >= 0n)
        sum += part
      }
      assert.equal(sum, amortisedUg(amortised, sorted[0] ?? 0, sorted.at(-1) ?? 0))
    }),
  )
})
