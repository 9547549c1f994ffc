import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gridWaterFactor } from '../../../src/carbon/water/grid-factors.ts'
import { createWater, type WaterConfig } from '../../../src/carbon/water/water.ts'
import { countries } from '../../../src/carbon/zone/iso-3166.ts'
import { UJ_PER_KWH } from '../../../src/model/units.ts'
import fc from '../../property.ts'
import { recorder } from '../recorder.ts'

function waterOf(config: Partial<WaterConfig>, zone: string | null = null) {
  const { logger, said } = recorder()
  return { water: createWater({ wue: null, grid: 'auto', ...config }, zone, logger), said }
}

test('the site drinks for the machine, the grid for all that the site draws for it', () => {
  const { water, said } = waterOf({ wue: 1.8 }, 'DE')
  assert.deepEqual(water.litresOf(UJ_PER_KWH, 1_500_000n), { siteUl: 1_800_000n, gridUl: 2_920_500n })
  assert.deepEqual(water.describe, { siteLPerKwh: 1.8, gridLPerKwh: 1.947, gridSource: 'WRI 2020 DEU' })
  assert.deepEqual(said, [])
})

test('what is not known is null, not zero; a WUE of 0 is 0', () => {
  assert.deepEqual(waterOf({ grid: 'none' }, 'DE').water.litresOf(UJ_PER_KWH, 1_000_000n), {
    siteUl: null,
    gridUl: null,
  })
  assert.equal(waterOf({ wue: 0 }).water.litresOf(UJ_PER_KWH, 1_000_000n).siteUl, 0n)
  for (const [zone, message] of [
    [null, /carbon\.zone is not set/],
    ['NG', /no factor is known for NG/],
    ['EU', /no factor is known for EU/],
  ] as const) {
    const { water, said } = waterOf({}, zone)
    assert.equal(water.litresOf(UJ_PER_KWH, 1_000_000n).gridUl, null)
    assert.deepEqual(
      said.map(({ event }) => event),
      ['water_grid_unknown'],
    )
    assert.match(said[0]?.message ?? '', message)
  }
})

test('a figure that the operator vouches for wins, and keeps its reference', () => {
  const { water } = waterOf({ grid: { l_per_kwh: 0.25, reference: 'utility 2026' } }, 'BR')
  assert.deepEqual(water.litresOf(UJ_PER_KWH, 2_000_000n), { siteUl: null, gridUl: 500_000n })
  assert.equal(water.describe.gridSource, 'utility 2026')
})

test('however energy is split, the sum is that of the whole, rounded down once', () => {
  const pieces = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 30 })
  const factor = fc.integer({ min: 0, max: 100_000_000 })
  const pue = fc.bigInt({ min: 1_000_000n, max: 10_000_000n })
  fc.assert(
    fc.property(pieces, factor, factor, pue, (energies, wue, grid, puePpm) => {
      const { water } = waterOf({ wue: wue / 1e6, grid: { l_per_kwh: grid / 1e6, reference: 'r' } })
      let [siteUl, gridUl, energyUj] = [0n, 0n, 0n]
      for (const piece of energies) {
        const litres = water.litresOf(piece, puePpm)
        siteUl += litres.siteUl ?? 0n
        gridUl += litres.gridUl ?? 0n
        energyUj += piece
      }
      assert.equal(siteUl, (energyUj * BigInt(wue)) / UJ_PER_KWH)
      assert.equal(gridUl, (energyUj * BigInt(grid) * puePpm) / (UJ_PER_KWH * 1_000_000n))
    }),
  )
})

/** What Li et al. quote from WRI (Making AI Less Thirsty, 2023, table 1), in hundredths of a gallon of 3.785 L. */
const QUOTED = { USA: 83, IRL: 39, NLD: 91, SWE: 159, MEX: 140, IND: 91, IDN: 60, DNK: 84, FIN: 120 }

test("countries have the factors of WRI's guidance, all of them between a wind farm and a reservoir", () => {
  for (const [country, hundredths] of Object.entries(QUOTED)) {
    assert.equal(Math.round(((gridWaterFactor(country) ?? 0) / 3.785412) * 100), hundredths, country)
  }
  const known = countries().filter(({ alpha3 }) => gridWaterFactor(alpha3) !== null)
  assert.equal(known.length, 47)
  for (const { alpha3 } of known) {
    const lPerKwh = gridWaterFactor(alpha3) ?? 0
    assert.ok(lPerKwh > 1 && lPerKwh < 20, alpha3)
  }
  for (const absent of ['ZAF', 'AUS', 'TWN', 'D']) assert.equal(gridWaterFactor(absent), null)
})
