import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meansOf } from '../../../src/carbon/feeds/means.ts'
import fc from '../../property.ts'
import { HOUR, NOON } from '../sources/grid-server.ts'

const MINUTE = 60_000
const minutes = (from: number, ...mgPerKwh: readonly number[]) =>
  mgPerKwh.map((mg, index) => [NOON + (from + index) * MINUTE, BigInt(mg)] as const)
const inMinutes = (means: ReturnType<typeof meansOf>) =>
  means.map(({ startsUnixMs, endsUnixMs, mgPerKwh }) => [
    (startsUnixMs - NOON) / MINUTE,
    (endsUnixMs - NOON) / MINUTE,
    Number(mgPerKwh),
  ])

test('five minutes have their mean, rounded; equal neighbours are one, but an hour begins anew', () => {
  const samples = [
    ...minutes(0, 100, 200, 300, 400, 500),
    // One sample is enough, and what is missing is not made up.
    ...minutes(7, 300),
    ...minutes(15, 1, 2),
    ...minutes(50, ...Array<number>(25).fill(7)),
  ]
  assert.deepEqual(inMinutes(meansOf(samples)), [
    [0, 10, 300],
    [15, 20, 2],
    [50, 60, 7],
    [60, 75, 7],
  ])
  assert.deepEqual(meansOf([]), [])
})

test('samples that are fetched again, from any whole hour on, give the same statements', () => {
  const grams = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 240 })
  fc.assert(
    fc.property(grams, fc.integer({ min: 0, max: 3 }), (all, hour) => {
      const samples = minutes(0, ...all)
      const later = meansOf(samples.filter(([unixMs]) => unixMs >= NOON + hour * HOUR))
      const earlier = meansOf(samples)
      assert.deepEqual(
        later,
        earlier.filter(({ startsUnixMs }) => startsUnixMs >= NOON + hour * HOUR),
      )
      const coveredMinutes = earlier.reduce((sum, one) => sum + (one.endsUnixMs - one.startsUnixMs) / MINUTE, 0)
      assert.equal(coveredMinutes, Math.ceil(all.length / 5) * 5)
    }),
  )
})
