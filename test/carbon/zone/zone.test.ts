import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emberIntensities } from '../../../src/carbon/zone/ember.ts'
import { countries } from '../../../src/carbon/zone/iso-3166.ts'
import { findZone } from '../../../src/carbon/zone/zone.ts'
import { ConfigFault } from '../../../src/model/config-fault.ts'
import fc, { runs } from '../../property.ts'

const keys = new Set(Object.keys(emberIntensities()))

function refusal(text: string): string {
  try {
    findZone(text, keys)
  } catch (error) {
    assert.ok(error instanceof ConfigFault)
    assert.equal(error.code, 'CONFIG_INVALID')
    return error.message
  }
  assert.fail(`${text} was found`)
}

test('both codes of a country lead to it, in either case', () => {
  for (const { alpha2, alpha3 } of countries().filter(({ alpha3 }) => keys.has(alpha3))) {
    const zone = { name: alpha2, key: alpha3 }
    for (const text of [alpha2, alpha3, alpha2.toLowerCase(), alpha3.toLowerCase()]) {
      assert.deepEqual(findZone(text, keys), zone, text)
    }
  }
})

test('a region of the data set leads to itself', () => {
  for (const name of ['WORLD', 'EU', 'North America']) {
    assert.deepEqual(findZone(name, keys), { name: name.toUpperCase(), key: name.toUpperCase() })
  }
})

test('what people write instead of a code leads to a suggestion', () => {
  for (const [text, suggestion] of [
    ['GER', 'DE for Germany'],
    ['UK', 'GB for United Kingdom'],
    ['UAE', 'AE for United Arab Emirates'],
    ['Swizerland', 'CH for Switzerland'],
    ['US-CAL-CISO', 'US for United States'],
    ['Korea', 'KP for North Korea or KR for South Korea'],
  ] as const) {
    assert.match(refusal(text), new RegExp(`\\(did you mean ${suggestion}\\?\\)$`))
  }
  assert.match(refusal('ZZ'), /received "ZZ"$/)
})

test('a country without a figure is told from a code that does not exist', () => {
  assert.match(refusal('li'), /received LI for Liechtenstein, without one$/)
  // The data set has 0 g/kWh.
  assert.match(refusal('CAF'), /received CAF for Central African Republic, without one$/)
})

test('any text is found or refused', () => {
  const judge = (text: string): void => {
    if (!keys.has(text.toUpperCase())) refusal(`?${text}`)
  }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), judge), { numRuns: runs(50) })
})
