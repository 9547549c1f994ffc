import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { StaticCarbonAccount, staticCarbonAccount, staticIntensity } from '../../src/carbon/static-carbon-account.ts'
import type { LogFields, Logger } from '../../src/model/logger.ts'
import { UJ_PER_KWH } from '../../src/model/units.ts'

function recorder(): { readonly logger: Logger; readonly warnings: LogFields[] } {
  const warnings: LogFields[] = []
  const unexpected = (fields: LogFields): void => assert.fail(JSON.stringify(fields))
  const logger = {
    debug: unexpected,
    info: unexpected,
    error: unexpected,
    warn: (fields: LogFields) => warnings.push(fields),
  }
  return { logger, warnings }
}

test('a kilowatt hour emits what the zone emits, times PUE', () => {
  const { logger } = recorder()
  const account = staticCarbonAccount({ zone: 'DE', pue: 1.25, logger })
  const { mgPerKwh } = staticIntensity('DE')
  const emissions = account.emissionsOf(UJ_PER_KWH)
  assert.deepEqual(emissions, {
    co2eLocationUg: (mgPerKwh * 1_000n * 5n) / 4n,
    co2eMarketUg: null,
    embodiedUg: null,
    puePpm: 1_250_000n,
  })
  assert.equal(account.puePpm, 1_250_000n)
})

test('no energy emits nothing', () => {
  assert.equal(staticCarbonAccount({ zone: 'DE', pue: 1, ...recorder() }).emissionsOf(0n).co2eLocationUg, 0n)
})

test('any splitting of the energy emits the same to the µg', () => {
  const pieces = fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { maxLength: 200 })
  const mgPerKwh = fc.bigInt({ min: 1n, max: 2_000_000n })
  const puePpm = fc.bigInt({ min: 1_000_000n, max: 10_000_000n })
  fc.assert(
    fc.property(pieces, mgPerKwh, puePpm, (energies, mg, pue) => {
      const intensity = { ...staticIntensity('DE'), mgPerKwh: mg }
      const account = new StaticCarbonAccount(intensity, pue)
      const sum = energies.reduce((ug, energyUj) => ug + (account.emissionsOf(energyUj).co2eLocationUg ?? 0n), 0n)
      const totalUj = energies.reduce((uj, energyUj) => uj + energyUj, 0n)
      // In rationals: µJ / 3.6e12 µJ per kWh · mg per kWh · PUE · 1000 µg per mg, rounded down once.
      assert.equal(sum, (totalUj * mg * pue * 1_000n) / (3_600_000_000_000n * 1_000_000n))
    }),
  )
})

test('a zone is named in the source, with its year', () => {
  const { logger, warnings } = recorder()
  const account = staticCarbonAccount({ zone: 'deu', pue: 1, logger })
  assert.deepEqual(account.intensities(), [
    {
      zone: 'DE',
      basis: 'life-cycle',
      mgPerKwh: 342_060n,
      source: 'static:ember-2024',
      status: 'estimated',
      startsUnixMs: Date.UTC(2024, 0, 1),
      endsUnixMs: null,
    },
  ])
  assert.deepEqual(warnings, [])
  assert.equal(staticIntensity('ISL').source, 'static:ember-2023')
  assert.equal(staticIntensity('NPL').source, 'static:ember-2022')
  assert.equal(staticIntensity('UA').source, 'static:ember')
  assert.equal(staticIntensity('EU').source, 'static:ember-2024')
})

test('without a zone the world average counts, and a warning says so once', () => {
  const { logger, warnings } = recorder()
  const account = staticCarbonAccount({ zone: null, pue: 1, logger })
  for (let second = 0; second < 100; second++) account.emissionsOf(100_000_000n)
  const [intensity] = account.intensities()
  assert.equal(intensity?.source, 'world-average')
  assert.equal(intensity?.zone, 'WORLD')
  assert.equal(intensity?.mgPerKwh, staticIntensity('WORLD').mgPerKwh)
  assert.deepEqual(
    warnings.map(({ event }) => event),
    ['carbon_zone_unset'],
  )
})
