import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { IntensitySeries, type Period } from '../../src/carbon/intensity-series.ts'
import { LocationAccount, type SourceChange } from '../../src/carbon/location-account.ts'
import type { IntensitySource } from '../../src/carbon/sources/source.ts'
import { StaticSource } from '../../src/carbon/sources/static.ts'
import { ValueSource } from '../../src/carbon/sources/value.ts'
import { UJ_PER_KWH } from '../../src/model/units.ts'

const value = (gPerKwh: number) =>
  new ValueSource({ source: 'value', g_per_kwh: gPerKwh, basis: 'direct', reference: 'test' }, 'DE')

const period = (startsUnixMs: number, endsUnixMs: number, gPerKwh: number): Period => ({
  zone: 'DE',
  basis: 'direct',
  mgPerKwh: BigInt(gPerKwh) * 1_000n,
  source: 'file',
  status: 'final',
  startsUnixMs,
  endsUnixMs,
  dataQuality: 1,
  relativeUncertainty: 0.05,
})

function seriesSource(name: string, ...periods: readonly Period[]): IntensitySource {
  const series = new IntensitySeries<Period>()
  for (const one of periods) series.put(one)
  return { name, basis: 'direct', problem: null, revision: 0, cover: (unixMs) => series.cover(unixMs) }
}

function accountOf(sources: readonly IntensitySource[], puePpm = 1_000_000n) {
  const changes: SourceChange[] = []
  const onChange = (change: SourceChange) => void changes.push(change)
  return { account: new LocationAccount({ sources, puePpm, unixMs: () => 0, onChange }), changes }
}

test('a kilowatt hour emits what the zone emits, times PUE', () => {
  const { account } = accountOf([value(342.06)], 1_250_000n)
  assert.deepEqual(account.emissionsOf(UJ_PER_KWH, 0, 1), {
    co2eLocationUg: 427_575_000n,
    co2eMarketUg: null,
    embodiedUg: null,
    puePpm: 1_250_000n,
  })
  assert.equal(account.emissionsOf(0n, 0, 1).co2eLocationUg, 0n)
})

test('any splitting of the energy emits the same to the µg', () => {
  const pieces = fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { maxLength: 200 })
  const gPerKwh = fc.integer({ min: 0, max: 2_000 })
  const puePpm = fc.bigInt({ min: 1_000_000n, max: 10_000_000n })
  fc.assert(
    fc.property(pieces, gPerKwh, puePpm, (energies, g, pue) => {
      const { account } = accountOf([value(g)], pue)
      const sum = energies.reduce((ug, energyUj) => ug + (account.emissionsOf(energyUj, 0, 1).co2eLocationUg ?? 0n), 0n)
      const totalUj = energies.reduce((uj, energyUj) => uj + energyUj, 0n)
      // In rationals: µJ / 3.6e12 µJ per kWh · g per kWh · PUE · 1e6 µg per g, rounded down once.
      assert.equal(sum, (totalUj * BigInt(g) * pue * 1_000_000n) / (3_600_000_000_000n * 1_000_000n))
    }),
  )
})

test('energy is split in proportion to time where the intensity changes', () => {
  const { account, changes } = accountOf([
    seriesSource('file', period(0, 15_000, 400), period(15_000, 60_000, 100)),
    value(0),
  ])
  // A quarter at 400 g and three quarters at 100 g.
  assert.equal(account.emissionsOf(UJ_PER_KWH, 0, 60_000).co2eLocationUg, 175_000_000n)
  assert.deepEqual(
    account.takeUsed().map(({ mgPerKwh, status }) => [mgPerKwh, status]),
    [
      [400_000n, 'final'],
      [100_000n, 'final'],
    ],
  )
  assert.deepEqual(account.takeUsed(), [])
  assert.deepEqual(changes, [])
})

test('the first source that covers the time counts; what stands in is an estimate, and is said once', () => {
  const preferred = seriesSource('file', period(60_000, 120_000, 400), period(180_000, 240_000, 400))
  const { account, changes } = accountOf([preferred, value(100), new StaticSource('DE')])
  const gramsAt = (start: number, end: number) =>
    Number(account.emissionsOf(UJ_PER_KWH, start, end).co2eLocationUg) / 1e6
  assert.equal(gramsAt(60_000, 120_000), 400)
  assert.equal(gramsAt(120_000, 140_000), 100)
  assert.equal(gramsAt(140_000, 160_000), 100)
  // The preferred source begins in the middle of this one.
  assert.equal(gramsAt(160_000, 200_000), 250)
  assert.deepEqual(
    changes.map(({ from, to, isFallback, atUnixMs }) => [from.name, to.name, isFallback, atUnixMs]),
    [
      ['file', 'value', true, 120_000],
      ['value', 'file', false, 180_000],
    ],
  )
  const statuses = account.takeUsed().map(({ source, status }) => [source, status])
  assert.deepEqual(statuses, [
    ['file', 'final'],
    ['value:test', 'estimated'],
    ['file', 'final'],
  ])
})

test('a question without energy says nothing and uses nothing', () => {
  const { account, changes } = accountOf([seriesSource('file'), value(100)])
  account.emissionsOf(0n, 5, 5)
  assert.deepEqual([account.takeUsed(), changes], [[], []])
  assert.deepEqual(
    account.intensities().map(({ source, status }) => [source, status]),
    [['value:test', 'estimated']],
  )
})

const statement = fc
  .tuple(fc.nat(100), fc.integer({ min: 1, max: 30 }), fc.nat(2_000))
  .map(([start, length, g]) => period(start, start + length, g))

test('a series says at every moment what was stated last for it', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 40 }), (statements) => {
      const series = new IntensitySeries<Period>()
      for (const one of statements) series.put(one)
      for (let at = -1; at < 140; at++) {
        const expected = statements.findLast((one) => one.startsUnixMs <= at && at < one.endsUnixMs)
        const { intensity, untilUnixMs } = series.cover(at)
        assert.equal(intensity?.mgPerKwh, expected?.mgPerKwh)
        assert.ok(untilUnixMs > at)
        if (intensity !== null) assert.ok(intensity.startsUnixMs <= at && intensity.endsUnixMs === untilUnixMs)
      }
    }),
  )
})

test('emissions over any intervals are a direct sum over each millisecond', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 119 }), { maxLength: 10 })
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 20 }), cuts, (statements, at) => {
      const { account } = accountOf([seriesSource('file', ...statements), value(7)])
      const edges = [0, ...at.toSorted((a, b) => a - b), 120]
      const perMsUj = UJ_PER_KWH
      let sum = 0n
      for (const [index, start] of edges.slice(0, -1).entries()) {
        const end = edges[index + 1] ?? start
        sum += account.emissionsOf(perMsUj * BigInt(end - start), start, end).co2eLocationUg ?? 0n
      }
      let expected = 0n
      for (let ms = 0; ms < 120; ms++) {
        const one = statements.findLast(({ startsUnixMs, endsUnixMs }) => startsUnixMs <= ms && ms < endsUnixMs)
        expected += (one?.mgPerKwh ?? 7_000n) * 1_000n
      }
      assert.equal(sum, expected)
    }),
  )
})
