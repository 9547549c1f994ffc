import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IntensityPeriod } from '../../../src/carbon/intensity/intensity-period.ts'
import type { PueSource } from '../../../src/carbon/pue/pue.ts'
import { StaticSource } from '../../../src/carbon/sources/static.ts'
import { TimeSeries } from '../../../src/carbon/time/time-series.ts'
import type { EmissionRow } from '../../../src/model/carbon.ts'
import { UJ_PER_KWH } from '../../../src/model/units.ts'
import fc from '../../property.ts'
import { aCarbon, PutSource, period, value } from '../a-carbon.ts'

const MINUTE = 60_000

test('a kilowatt hour emits what the zone emits, times PUE', () => {
  const { carbon } = aCarbon({ sources: [value(342.06)], pue: 1.25 })
  assert.deepEqual(carbon.book(UJ_PER_KWH, 0, 1), {
    co2eLocationUg: 427_575_000n,
    co2eMarketUg: null,
    siteWaterUl: null,
    gridWaterUl: null,
    puePpm: 1_250_000n,
  })
  assert.equal(carbon.book(0n, 0, 1).co2eLocationUg, 0n)
})

test('any splitting of the energy emits the same to the µg', () => {
  const pieces = fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { maxLength: 200 })
  const gPerKwh = fc.integer({ min: 0, max: 2_000 })
  const puePpm = fc.integer({ min: 1_000_000, max: 10_000_000 })
  fc.assert(
    fc.property(pieces, gPerKwh, puePpm, (energies, g, pue) => {
      const { carbon } = aCarbon({ sources: [value(g)], pue: pue / 1e6 })
      const sum = energies.reduce((ug, energyUj) => ug + (carbon.book(energyUj, 0, 1).co2eLocationUg ?? 0n), 0n)
      const totalUj = energies.reduce((uj, energyUj) => uj + energyUj, 0n)
      // In rationals: µJ / 3.6e12 µJ per kWh · g per kWh · PUE · 1e6 µg per g, rounded down once.
      assert.equal(sum, (totalUj * BigInt(g) * BigInt(pue) * 1_000_000n) / (3_600_000_000_000n * 1_000_000n))
      assert.equal(carbon.collect().totals.bookedUg.location.direct, sum)
    }),
  )
})

test('the order in which energy arrives does not matter', () => {
  const posting = fc.record({ minute: fc.nat(179), energyUj: fc.bigInt({ min: 1n, max: 10n ** 12n }) })
  const bookAll = (postings: readonly { minute: number; energyUj: bigint }[]) => {
    const sources = [
      new PutSource('file', null, period(0, 60 * MINUTE, 400), period(60 * MINUTE, 90 * MINUTE, 90)),
      value(7),
    ]
    const { carbon } = aCarbon({ sources, pue: 1.3 })
    for (const { minute, energyUj } of postings) carbon.book(energyUj, minute * MINUTE, (minute + 1) * MINUTE)
    const { emissions, totals } = carbon.collect()
    const rows = emissions.map(({ id, ...row }) => row).toSorted((a, b) => a.startUnixMs - b.startUnixMs)
    return { rows, booked: totals.bookedUg }
  }
  fc.assert(
    fc.property(fc.array(posting, { maxLength: 50 }), (postings) => {
      assert.deepEqual(bookAll(postings.toReversed()), bookAll(postings))
    }),
  )
})

const figures = (emissions: readonly EmissionRow[]) =>
  emissions.map(({ factor, startUnixMs, endUnixMs }) => [
    startUnixMs / MINUTE,
    endUnixMs / MINUTE,
    factor.source,
    factor.status,
    factor.reason,
  ])

test('energy is split in proportion to time where the intensity changes', () => {
  const sources = [new PutSource('file', null, period(0, 15_000, 400), period(15_000, 60_000, 100)), value(0)]
  const { carbon, changes } = aCarbon({ sources })
  // A quarter at 400 g and three quarters at 100 g.
  assert.equal(carbon.book(UJ_PER_KWH, 0, 60_000).co2eLocationUg, 175_000_000n)
  assert.deepEqual(figures(carbon.collect().emissions), [
    [0, 0.25, 'file', 'final', null],
    [0.25, 1, 'file', 'final', null],
  ])
  assert.deepEqual(carbon.collect().emissions, [])
  assert.deepEqual(changes, [])
})

test('the first source that covers the time counts; what stands in is an estimate with its reason, said once', () => {
  const preferred = new PutSource(
    'file',
    5 * MINUTE,
    period(MINUTE, 2 * MINUTE, 400),
    period(3 * MINUTE, 4 * MINUTE, 400),
  )
  const { carbon, changes } = aCarbon({ sources: [preferred, value(100), new StaticSource('DE')] })
  const gramsAt = (start: number, end: number) => Number(carbon.book(UJ_PER_KWH, start, end).co2eLocationUg) / 1e6
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
  const batch = carbon.collect()
  assert.deepEqual(batch.events, [
    {
      atUnixMs: 0,
      what: 'intensity_source_changed',
      detail: 'file -> value from 1970-01-01T00:02:00.000Z: it has no figure for this time',
    },
    { atUnixMs: 0, what: 'intensity_source_changed', detail: 'value -> file from 1970-01-01T00:03:00.000Z' },
  ])
  assert.deepEqual(carbon.collect().events, [], 'events are handed over once')
  assert.deepEqual(figures(batch.emissions), [
    [1, 2, 'file', 'final', null],
    [0, 5, 'value:test', 'estimated', 'file: it has no figure for this time'],
    [3, 4, 'file', 'final', null],
  ])
})

test('a posting without energy books nothing', () => {
  const { carbon } = aCarbon({ sources: [new PutSource('file', null), value(100)] })
  carbon.book(0n, 5, 5)
  assert.deepEqual(carbon.collect().emissions, [])
  assert.deepEqual(
    carbon.intensities().map(({ source }) => source),
    ['value:test'],
  )
})

test('a stretch that is booked lies within one hour, whatever its figure', () => {
  const { carbon } = aCarbon({ sources: [value(100)] })
  carbon.book(UJ_PER_KWH, 59 * MINUTE + 30_000, 60 * MINUTE + 30_000)
  assert.deepEqual(figures(carbon.collect().emissions), [
    [0, 60, 'value:test', 'final', null],
    [60, 120, 'value:test', 'final', null],
  ])
})

const statement = fc
  .tuple(fc.nat(100), fc.integer({ min: 1, max: 30 }), fc.nat(2_000))
  .map(([start, length, g]) => period(start, start + length, g))

test('it lies within one hour where a better figure comes in intervals that do not divide the hour', () => {
  const source = new PutSource('grid', 25 * MINUTE)
  const { carbon } = aCarbon({ sources: [source, value(7)] })
  const minutes = Array.from({ length: 240 }, (_, minute) => minute)
  for (const minute of minutes) carbon.book(1_000_000n, minute * MINUTE, (minute + 1) * MINUTE)
  for (const { startUnixMs, endUnixMs, energyUj } of carbon.collect().emissions) {
    assert.equal(Math.floor(startUnixMs / (60 * MINUTE)), Math.floor((endUnixMs - 1) / (60 * MINUTE)))
    assert.equal(energyUj, (BigInt(endUnixMs - startUnixMs) * 1_000_000n) / 60_000n)
  }
})

test('however short the last interval of a source is, what waits for it is not cut finer than five minutes', () => {
  const { carbon } = aCarbon({ sources: [new PutSource('grid', 1_000), value(7)] })
  carbon.book(1_000_000n, 0, MINUTE)
  assert.deepEqual(
    carbon.collect().emissions.map(({ startUnixMs, endUnixMs }) => [startUnixMs, endUnixMs]),
    [[0, 5 * MINUTE]],
  )
})

test('the PUE of an interval in which it changes is its mean by energy', () => {
  const pue: PueSource = {
    problem: null,
    cover: (unixMs) => ({
      statement: { puePpm: unixMs < 15_000 ? 1_200_000n : 1_600_000n, relativeUncertainty: 0, source: 'test' },
      untilUnixMs: unixMs < 15_000 ? 15_000 : Number.POSITIVE_INFINITY,
    }),
  }
  const { carbon } = aCarbon({ sources: [value(100)], pue })
  assert.equal(carbon.book(1_000_000n, 0, MINUTE).puePpm, 1_500_000n)
  assert.equal(carbon.book(0n, 0, MINUTE).puePpm, 1_600_000n)
})

test('a series says at every moment what was stated last for it', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 40 }), (statements) => {
      const series = new TimeSeries<IntensityPeriod>()
      for (const one of statements) series.put(one)
      for (let at = -1; at < 140; at++) {
        const expected = statements.findLast((one) => one.startsUnixMs <= at && at < one.endsUnixMs)
        const { period: intensity, untilUnixMs } = series.at(at)
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
      const { carbon } = aCarbon({ sources: [new PutSource('file', null, ...statements), value(7)] })
      const edges = [0, ...at.toSorted((a, b) => a - b), 120]
      const perMsUj = UJ_PER_KWH
      let sum = 0n
      for (const [index, start] of edges.slice(0, -1).entries()) {
        const end = edges[index + 1] ?? start
        sum += carbon.book(perMsUj * BigInt(end - start), start, end).co2eLocationUg ?? 0n
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
