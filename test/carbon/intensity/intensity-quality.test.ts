import assert from 'node:assert/strict'
import { test } from 'node:test'
import { qualityOfHour, qualityOfLength, WORLD_AVERAGE } from '../../../src/carbon/intensity/intensity-quality.ts'
import { staticIntensity } from '../../../src/carbon/sources/static.ts'
import { emberIntensities } from '../../../src/carbon/zone/ember.ts'
import { countries } from '../../../src/carbon/zone/iso-3166.ts'

test("the world average is as uncertain as the countries' averages are far from it", () => {
  const figures = emberIntensities()
  const world = figures.WORLD ?? Number.NaN
  const distances = countries().flatMap(({ alpha3 }) => {
    const gPerKwh = figures[alpha3]
    return gPerKwh === undefined ? [] : [(gPerKwh / world - 1) ** 2]
  })
  assert.ok(distances.length > 200)
  const meanSquare = distances.reduce((sum, square) => sum + square, 0) / distances.length
  const expected = Math.sqrt(meanSquare + 0.3 ** 2 / 3)
  assert.ok(Math.abs(WORLD_AVERAGE.relativeUncertainty - expected) < 0.01, `${expected}`)
})

test('a country is class 4; the world, and regions of many grids, are class 5', () => {
  const classOf = (zone: string | null) => staticIntensity(zone).dataQuality
  assert.deepEqual(['DE', 'USA', 'XK'].map(classOf), [4, 4, 4])
  assert.deepEqual([null, 'WORLD', 'EU', 'G20', 'ASIA'].map(classOf), [5, 5, 5, 5, 5])
})

test('an hour that is final is measured; a longer figure is an average', () => {
  const { dataQuality, relativeUncertainty } = qualityOfHour('final')
  assert.deepEqual([dataQuality, relativeUncertainty], [1, 0.05])
  assert.equal(qualityOfHour('provisional').dataQuality, 2)
  assert.equal(qualityOfHour('estimated').relativeUncertainty, 0.1)
  assert.deepEqual(
    [900_000, 3_600_000, 3_600_001, 8_760 * 3_600_000].map((ms) => qualityOfLength(ms).dataQuality),
    [1, 1, 3, 3],
  )
})
