import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meanOf, studentT95 } from '../../src/model/student-t.ts'
import { predictTotal } from '../../src/windows/prediction.ts'
import { Random } from '../fuzz/random.ts'

test("Student's t is that of the tables", () => {
  for (const [dof, t] of [
    [1, 12.706],
    [9, 2.262],
    [10, 2.228],
    [15, 2.131],
    [20, 2.086],
    [30, 2.042],
    [60, 2],
    [120, 1.98],
    [100_000, 1.96],
  ] as const) {
    assert.ok(Math.abs(studentT95(dof) - t) < 6e-4, `${dof}: ${studentT95(dof)}`)
  }
  assert.equal(studentT95(0), Number.POSITIVE_INFINITY)
})

test('mean, deviation and interval of repeated runs', () => {
  const { mean, deviation, halfWidth } = meanOf([9, 10, 11])
  assert.deepEqual([mean, deviation], [10, 1])
  assert.ok(Math.abs((halfWidth ?? 0) - 4.303 / Math.sqrt(3)) < 1e-9)
  assert.deepEqual(meanOf([7]), { mean: 7, deviation: null, halfWidth: null })
})

function uniform(seed: number): () => number {
  const random = new Random(seed)
  return () => random.below(2 ** 32) / 2 ** 32
}

/** Epochs of a kilojoule, of which each uses a little more or less than the last, with 3 % of noise. */
function epochs(random: () => number, count: number): number[] {
  const drift = (random() - 0.5) * 20
  // Box and Muller.
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length: count }, (_, x) => 1_000 + drift * x + 30 * normal())
}

for (const [seen, count] of [
  [3, 10],
  [5, 20],
  [10, 30],
  [25, 30],
] as const) {
  test(`after ${seen} of ${count} the truth is inside 90 to 99 times of 100`, () => {
    const random = uniform(20_261_128 + seen)
    let inside = 0
    for (let run = 0; run < 1_000; run++) {
      const all = epochs(random, count)
      const truth = all.reduce((sum, value) => sum + value, 0)
      const { low, high } = predictTotal(all.slice(0, seen), count) ?? assert.fail()
      if (low <= truth && truth <= high) inside += 1
    }
    assert.ok(inside >= 900 && inside <= 990, `${inside} of 1000`)
  })
}

test('it narrows as more is seen, and is what was seen in the end', () => {
  const all = epochs(uniform(7), 30)
  const widths = [4, 10, 20, 29].map((seen) => {
    const { low, high } = predictTotal(all.slice(0, seen), 30) ?? assert.fail()
    return high - low
  })
  assert.deepEqual(
    widths,
    widths.toSorted((a, b) => b - a),
  )
  const total = all.reduce((sum, value) => sum + value, 0)
  assert.deepEqual(predictTotal(all, 30), { total, low: total, high: total })
  assert.equal(predictTotal(all.slice(0, 2), 30), null)
  // No more than what was seen can be said to be used, however steep the fall.
  assert.equal(predictTotal([100, 50, 1], 10)?.low, 151)
})
