import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCarbon } from '../../../src/carbon/create-carbon.ts'
import { checkLocation, createLocation, type LocationConfig, zoneOf } from '../../../src/carbon/location.ts'
import { residualOf } from '../../../src/carbon/market/contract.ts'
import { mgPerKwh, officialFigure, PUBLICATIONS, published } from '../../../src/carbon/official/official.ts'
import type { Edition } from '../../../src/carbon/official/publication.ts'
import { countries } from '../../../src/carbon/zone/iso-3166.ts'
import { parseConfig } from '../../../src/config/loader.ts'
import { ConfigFault } from '../../../src/model/config-fault.ts'
import { noCache } from '../no-cache.ts'
import { recorder } from '../recorder.ts'

const surroundings = () => ({ ...recorder(), unixMs: () => 0, env: {}, cache: noCache })
const location = (figure: string, zone: string | null = null): LocationConfig => ({
  zone,
  location: { source: 'static', figure },
})
const at = (figure: string, day: string) =>
  createLocation(location(figure), surroundings()).grid.at(Date.parse(day)).intensity

/** Worked out from the published digits: a pound is 453.59237 g by definition. */
const GOLDEN: readonly (readonly [
  figure: string,
  day: string,
  zone: string,
  mg: bigint,
  source: string,
  status: string,
])[] = [
  // 429.983 lb/MWh × 0.45359237 = 195.0370080... g/kWh.
  ['egrid/CAMX', '2026-11-28', 'US-CAMX', 195_037n, 'static:egrid-2023', 'estimated'],
  ['egrid/camx', '2023-06-01', 'US-CAMX', 195_037n, 'static:egrid-2023', 'final'],
  // 1548.530 × 0.45359237 = 702.4013927..., 242.776 × 0.45359237 = 110.1213412...
  ['egrid/PRMS', '2026-01-01', 'US-PRMS', 702_401n, 'static:egrid-2023', 'estimated'],
  ['egrid/NYUP', '2026-01-01', 'US-NYUP', 110_121n, 'static:egrid-2023', 'estimated'],
  // Each calendar year at the edition for it; before the first one at that, after the last one at that.
  ['desnz/GB', '2023-12-31', 'GB', 207_050n, 'static:desnz-2024', 'estimated'],
  ['desnz/GB', '2024-12-31T23:59:59Z', 'GB', 207_050n, 'static:desnz-2024', 'final'],
  ['desnz/GB', '2025-01-01', 'GB', 177_000n, 'static:desnz-2025', 'final'],
  ['desnz/GB', '2026-07-01', 'GB', 130_960n, 'static:desnz-2026', 'final'],
  ['desnz/GB', '2027-01-01', 'GB', 130_960n, 'static:desnz-2026', 'estimated'],
  ['nga/NSW', '2026-07-01', 'AU-NSW', 600_000n, 'static:nga-2026', 'final'],
  ['nga/VIC', '2025-07-01', 'AU-VIC', 780_000n, 'static:nga-2025', 'final'],
  ['nga/TAS', '2026-07-01', 'AU-TAS', 200_000n, 'static:nga-2025', 'estimated'],
]

test('figures are those that were published, in whole milligrams, at the edition of their time', () => {
  for (const [figure, day, zone, mg, source, status] of GOLDEN) {
    const stated = at(figure, day)
    const seen = [stated.zone, stated.mgPerKwh, stated.source, stated.status, stated.basis]
    assert.deepEqual(seen, [zone, mg, source, status, 'direct'], `${figure} ${day}`)
  }
})

test('a unit is converted exactly, and rounded once', () => {
  const edition = (unit: Edition['unit'], digits: string) => ({ unit, figures: { X: digits } }) as unknown as Edition
  const mg = (unit: Edition['unit'], digits: string) => mgPerKwh(edition(unit, digits), 'X')
  assert.equal(mg('lb/MWh', '1000'), 453_592n)
  assert.equal(mg('lb/MWh', '100000'), 45_359_237n)
  assert.equal(mg('kg/kWh', '0.0000005'), 1n)
  assert.equal(mg('kg/kWh', '0.0000004'), 0n)
  assert.equal(mg('kg/kWh', '1.5'), 1_500_000n)
})

test('every figure is plausible and says where it is from, and no name or edition is there twice', () => {
  const codes = new Set(countries().map(({ alpha2 }) => alpha2))
  const seen = new Set<string>()
  for (const { name, country, use, contents, editions } of PUBLICATIONS) {
    assert.ok(codes.has(country), country)
    assert.match(contents, /losses of the grid not included/)
    const years = editions.map(({ year }) => year)
    assert.deepEqual(years, [...new Set(years)].sort(), name)
    for (const edition of editions) {
      assert.match(edition.page, /^https:\/\/\S+$/)
      for (const text of [edition.publisher, edition.title, edition.table, edition.licence, edition.checked])
        assert.ok(text.length > 5, text)
      for (const [region, digits] of Object.entries(edition.figures)) {
        const mg = mgPerKwh(edition, region)
        assert.match(digits, /^\d+\.\d+$/)
        assert.ok(mg >= 50_000n && mg <= 1_000_000n, `${name}/${region} ${mg}`)
        assert.equal(officialFigure(`${name}/${region}`, use, 'k').region, region)
        seen.add(`${name}/${region} ${edition.year}`)
      }
    }
  }
  // 27 subregions, 3 years of the United Kingdom, 15 of Australian grids and 2 residual mixes.
  assert.equal(seen.size, 47)
})

test('a source in the books leads back to what was published', () => {
  assert.equal(published('static:desnz-2025')?.edition.year, 2025)
  assert.equal(published('static:egrid-2023')?.publication.country, 'US')
  for (const other of ['static:egrid-2019', 'static:ember-2024', 'uk', '']) assert.equal(published(other), null)
})

const fault = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    if (error instanceof ConfigFault) return error.message
    throw error
  }
  return assert.fail('no fault')
}

test('what was meant is named, and a residual mix is never an average, nor an average a residual mix', () => {
  const name = (figure: string) => fault(() => officialFigure(figure, 'location', 'k'))
  const expected = 'k: expected an official figure of a grid, such as egrid/CAMX, desnz/GB or nga/NSW, received'
  assert.equal(name('egrid/CAMY'), `${expected} "egrid/CAMY" (did you mean egrid/CAMX?)`)
  assert.equal(name('CAMX'), `${expected} "CAMX" (did you mean egrid/CAMX?)`)
  assert.equal(name('nga/WA'), `${expected} "nga/WA" (did you mean nga/WA-SWIS?)`)
  assert.equal(name('desnz'), `${expected} "desnz" (did you mean desnz/GB?)`)
  assert.equal(name('aib/DE'), `${expected} "aib/DE"`)
  assert.match(
    name('nga-residual/AU'),
    /received nga-residual\/AU, which is a residual mix: only carbon\.market may count with it$/,
  )
  assert.match(
    fault(() => residualOf({ figure: 'nga/NSW' }, 'AU')),
    /^carbon\.market\.residual\.figure: .*which is the average of a grid/,
  )
  assert.equal(
    fault(() => residualOf({ figure: 'nga-residual/AU' }, 'NZL')),
    'carbon.market.residual.figure: nga-residual/AU covers AU, but carbon.zone is NZ',
  )
})

test('an official residual mix is the newest edition, for the market-based account', () => {
  const { mgPerKwh: mg, instrument, source, zone, basis } = residualOf({ figure: 'nga-residual/AU' }, 'AUS')
  assert.deepEqual(
    [mg, instrument, source, zone, basis],
    [790_000n, 'residual', 'static:nga-residual-2026', 'AU', 'direct'],
  )
})

test('the figure gives the zone where none is set, and refuses another', () => {
  const { said, ...told } = surroundings()
  createLocation(location('egrid/CAMX'), told)
  assert.deepEqual(said, [])
  assert.equal(zoneOf(location('egrid/CAMX')), 'US')
  assert.deepEqual(checkLocation(location('egrid/CAMX', 'USA'), true), [])
  assert.deepEqual(checkLocation(location('egrid/CAMX', 'GB'), false), [
    { key: 'carbon.location', text: 'static covers US, but carbon.zone is GB' },
  ])
})

test('the configuration takes it, and the check names the nearest', () => {
  const text = (figure: string) =>
    `carbon: { zone: US, location: [{ source: static, figure: ${figure} }], market: { source: contracts, residual: { figure: nga-residual/AU } } }`
  const { carbon } = parseConfig(text('egrid/CAMZ'), { HOME: '/home/op' }, 'test.yaml')
  assert.deepEqual(
    checkCarbon(carbon, true).map(({ key, text: said }) => `${key}: ${said}`),
    [
      'carbon.location.0.figure: expected an official figure of a grid, such as egrid/CAMX, desnz/GB or nga/NSW, received "egrid/CAMZ" (did you mean egrid/CAMX?)',
      'carbon.market.residual.figure: nga-residual/AU covers AU, but carbon.zone is US',
    ],
  )
})
