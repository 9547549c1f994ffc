import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { emberIntensities, emberYear } from '../../../src/carbon/zone/ember.ts'
import { countries } from '../../../src/carbon/zone/iso-3166.ts'

const require = createRequire(import.meta.url)

test('one small file is loaded, not the package', () => {
  const before = new Set(Object.keys(require.cache))
  emberIntensities()
  const loaded = Object.keys(require.cache).filter((file) => !before.has(file))
  assert.equal(loaded.length, 1)
  assert.match(loaded[0] ?? '', /average-intensities\.min\.js$/)
})

test('the figures are those that the package exports as averages', () => {
  const { averageIntensity } = require('@tgwf/co2/data')
  assert.equal(averageIntensity.type, 'average')
  const { CAF, ...figures } = averageIntensity.data
  assert.equal(CAF, 0)
  assert.deepEqual(emberIntensities(), figures)
})

test('the years were looked up for these figures', () => {
  const sha256 = createHash('sha256').update(JSON.stringify(emberIntensities())).digest('hex')
  assert.equal(
    sha256,
    '3ca4d3e4d1dfb7dce52bef2bc63927bcbb30c071410b9d9551332a4d0a1cda3c',
    'the bundled data changed: look up the year of each figure again, in src/carbon/zone/ember.ts',
  )
})

test('every figure is plausible, of a known country or region, and of a recent year', () => {
  const iso = new Set(countries().map(({ alpha3 }) => alpha3))
  const regions = ['AFRICA', 'ASEAN', 'ASIA', 'EU', 'EUROPE', 'G20', 'G7', 'LATIN AMERICA AND CARIBBEAN', 'MIDDLE EAST']
  const known = new Set([...iso, ...regions, 'NORTH AMERICA', 'OCEANIA', 'OECD', 'WORLD'])
  for (const [key, gPerKwh] of Object.entries(emberIntensities())) {
    assert.ok(known.has(key), key)
    assert.ok(gPerKwh >= 10 && gPerKwh <= 2_000, `${key} ${gPerKwh}`)
    const year = emberYear(key)
    assert.ok(year === null || (year >= 2022 && year <= 2024), key)
    // A region is never older than the world.
    if (!iso.has(key)) assert.equal(year, 2024, key)
  }
})

test('country codes are pairs of two and three letters, each once', () => {
  const codes = countries().flatMap(({ alpha2, alpha3 }) => [alpha2, alpha3])
  assert.equal(countries().length, 250)
  assert.equal(new Set(codes).size, 500)
  for (const { alpha2, alpha3 } of countries()) {
    assert.match(alpha2, /^[A-Z]{2}$/)
    assert.match(alpha3, /^[A-Z]{3}$/)
  }
})
