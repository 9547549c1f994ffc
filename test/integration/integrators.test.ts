import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CounterIntegrator } from '../../src/integration/counter-integrator.ts'
import type { Integrator } from '../../src/integration/integrator.ts'
import { PowerIntegrator } from '../../src/integration/power-integrator.ts'
import type { Gap, Posting } from '../../src/model/posting.ts'
import type { Reading } from '../../src/model/reading.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import fc from '../property.ts'
import { count, counterChannel, failed, power, powerChannel, seconds, watts } from './machine.ts'

function run(integrator: Integrator, readings: readonly Reading[]) {
  const postings: Posting[] = []
  const gaps: Gap[] = []
  const corrupt: string[] = []
  for (const reading of readings) {
    const outcome = integrator.accept(reading)
    if (outcome.posting) postings.push(outcome.posting)
    if (outcome.gap) gaps.push(outcome.gap)
    if (outcome.corrupt) corrupt.push(outcome.corrupt)
  }
  return { postings, gaps, corrupt, energyUj: postings.reduce((sum, { energyUj }) => sum + energyUj, 0n) }
}

const registers = [
  counterChannel('intel', { modulus: 262_143_328_911n }),
  counterChannel('perf', { modulus: null, unitUj: { numerator: 1_000_000n, denominator: 1n << 32n } }),
  counterChannel('msr', { modulus: 1n << 32n, unitUj: { numerator: 1_000_000n, denominator: 1n << 14n } }),
  counterChannel('psys', { modulus: 4_294_967_296_000_000n }),
]

test('a counter read at any times, wrapping at will, sums to the truth to the µJ', () => {
  const step = fc.record({
    ms: fc.integer({ min: 1, max: 20_000 }),
    w: fc.integer({ min: 1, max: 700 }),
    fails: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...registers),
      fc.bigInt(0n, 1n << 40n),
      fc.array(step, { maxLength: 80 }),
      (channel, start, steps) => {
        const { numerator, denominator } = channel.unitUj
        let atNs = NS_PER_S
        let raw = start
        const show = () => (channel.modulus === null ? raw : raw % channel.modulus)
        const readings = [count(atNs, show())]
        let good = raw
        // An even pace tells what is usual at the beginning, and settles what is in doubt at the end.
        const even = Array.from({ length: 6 }, () => ({ ms: 1_000, w: 100, fails: false }))
        for (const { ms, w, fails } of [...even, ...steps, ...even]) {
          atNs += BigInt(ms) * 1_000_000n
          raw += (BigInt(w) * BigInt(ms) * 1_000n * denominator) / numerator
          // Failures may add up to a time in which the register could wrap unseen; keep each stretch well below it.
          if (fails && readings.at(-1)?.status === 'counter') readings.push(failed(atNs))
          else {
            readings.push(count(atNs, show()))
            good = raw
          }
        }
        const { energyUj, gaps, postings } = run(new CounterIntegrator(channel, null), readings)
        const isBelowHalf =
          channel.modulus === null || 2n * 1000n * 121n * 1_000_000n * denominator < channel.modulus * numerator
        if (!isBelowHalf) return
        assert.deepEqual(gaps, [])
        assert.equal(energyUj, ((good - start) * numerator) / denominator)
        for (const [index, posting] of postings.entries()) {
          if (index > 0) assert.equal(posting.startNs, postings[index - 1]?.endNs)
        }
      },
    ),
  )
})

test('a reset adds nothing and opens a gap from the last reading before it to the one that leaves no doubt', () => {
  const channel = counterChannel('GPU-1', {
    sensor: 'nvml',
    scope: 'gpu',
    modulus: null,
    unitUj: { numerator: 1000n, denominator: 1n },
  })
  const { postings, gaps } = run(new CounterIntegrator(channel, null), [
    count(seconds(1), 5_000n),
    count(seconds(2), 5_300n),
    count(seconds(3), 5_600n),
    count(seconds(4), 5_900n),
    count(seconds(5), 20n),
    count(seconds(6), 320n),
    count(seconds(7), 620n),
    count(seconds(8), 920n),
  ])
  assert.deepEqual(
    postings.map(({ startNs, endNs, energyUj }) => [startNs, endNs, energyUj]),
    [
      [seconds(1), seconds(3), 600_000n],
      [seconds(3), seconds(4), 300_000n],
      [seconds(7), seconds(8), 300_000n],
    ],
  )
  assert.deepEqual(gaps, [{ startNs: seconds(4), endNs: seconds(7), reason: 'reset' }])
})

test('a counter that stands still is held, not posted as zero; after ten intervals it is a gap, and at each reading', () => {
  const channel = counterChannel('psys', { scope: 'psys' })
  const still = run(new CounterIntegrator(channel, null), [
    count(seconds(1), 5n),
    count(seconds(4), 5n),
    count(seconds(6), 10_000_005n),
    count(seconds(7), 14_000_005n),
    count(seconds(8), 18_000_005n),
    count(seconds(19), 18_000_005n),
    count(seconds(20), 18_000_005n),
    count(seconds(30), 80_000_005n),
    count(seconds(31), 90_000_005n),
    count(seconds(32), 100_000_005n),
  ])
  assert.deepEqual(
    still.postings.map(({ startNs, endNs, energyUj }) => [startNs, endNs, energyUj]),
    [
      [seconds(1), seconds(7), 14_000_000n],
      [seconds(7), seconds(8), 4_000_000n],
      [seconds(31), seconds(32), 10_000_000n],
    ],
  )
  assert.deepEqual(still.gaps, [
    { startNs: seconds(8), endNs: seconds(19), reason: 'stalled' },
    { startNs: seconds(19), endNs: seconds(20), reason: 'stalled' },
    { startNs: seconds(20), endNs: seconds(30), reason: 'stalled' },
    { startNs: seconds(30), endNs: seconds(31), reason: 'stalled' },
  ])
})

test('a coarse counter is spread over the time in which it was earned', () => {
  const dell = counterChannel('bmc', {
    sensor: 'ipmi',
    modulus: null,
    unitUj: { numerator: 3_600_000_000n, denominator: 1n },
    maxPowerUw: watts(100_000),
    intervalNs: seconds(5),
  })
  const readings = Array.from({ length: 21 }, (_, index) => count(seconds(5 * index), BigInt(Math.floor(index / 7))))
  const { postings, gaps } = run(new CounterIntegrator(dell, null), readings)
  assert.deepEqual(
    postings.map(({ startNs, endNs, energyUj }) => [startNs, endNs, energyUj]),
    [
      [0n, seconds(35), 3_600_000_000n],
      [seconds(35), seconds(70), 3_600_000_000n],
    ],
  )
  assert.deepEqual(gaps, [])
})

test('half the range without a reading is a gap, whatever the register says then', () => {
  const channel = counterChannel('package-0')
  for (const value of [100n, 200_000_000_000n]) {
    const { postings, gaps } = run(new CounterIntegrator(channel, null), [
      count(seconds(1), 150n),
      count(seconds(140), value),
    ])
    assert.deepEqual(postings, [])
    assert.deepEqual(gaps, [{ startNs: seconds(1), endNs: seconds(140), reason: 'ambiguous' }])
  }
})

test('a counter that stays silent becomes a gap only when it is certain, and then at once', () => {
  const integrator = new CounterIntegrator(counterChannel('package-0'), null)
  run(integrator, [count(seconds(1), 0n)])
  assert.equal(integrator.expire(seconds(100)), undefined)
  assert.deepEqual(integrator.expire(seconds(140)), { startNs: seconds(1), endNs: seconds(140), reason: 'ambiguous' })
  assert.deepEqual(integrator.expire(seconds(141)), { startNs: seconds(140), endNs: seconds(141), reason: 'ambiguous' })
  const { gaps, postings } = run(
    integrator,
    [142, 143, 144].map((s) => count(seconds(s), BigInt(s))),
  )
  assert.deepEqual(gaps, [{ startNs: seconds(141), endNs: seconds(142), reason: 'ambiguous' }])
  assert.equal(postings.length, 1)
})

test('one impossible value costs nothing; a register that jumped begins anew', () => {
  const channel = counterChannel('package-0', { modulus: null })
  const glitch = run(new CounterIntegrator(channel, null), [
    count(seconds(1), 0n),
    count(seconds(2), 10n ** 15n),
    count(seconds(3), 200_000_000n),
    count(seconds(4), 300_000_000n),
    count(seconds(5), 400_000_000n),
  ])
  assert.equal(glitch.energyUj, 400_000_000n)
  assert.equal(glitch.corrupt.length, 1)
  assert.deepEqual(glitch.gaps, [])
  const jump = run(new CounterIntegrator(channel, null), [
    count(seconds(1), 0n),
    count(seconds(2), 10n ** 15n),
    count(seconds(3), 10n ** 15n + 100n),
    count(seconds(4), 10n ** 15n + 200n),
    count(seconds(5), 10n ** 15n + 300n),
    count(seconds(6), 10n ** 15n + 400n),
    count(seconds(7), 10n ** 15n + 500n),
  ])
  assert.equal(jump.energyUj, 300n)
  assert.deepEqual(jump.gaps, [{ startNs: seconds(1), endNs: seconds(4), reason: 'corrupt' }])
})

test('a restart bridges the downtime of a counter, but not of one that fell or may have wrapped', () => {
  const channel = counterChannel('package-0')
  const at = (value: bigint, s: number) =>
    run(
      new CounterIntegrator(channel, { count: 1_000_000n, atNs: seconds(10) }),
      [0, 1, 2].map((later) => count(seconds(s + later), value + BigInt(later))),
    )
  assert.deepEqual(at(31_000_000n, 40).postings, [
    { startNs: seconds(10), endNs: seconds(41), energyUj: 30_000_001n, bridged: true },
    { startNs: seconds(41), endNs: seconds(42), energyUj: 1n, bridged: false },
  ])
  assert.deepEqual(at(0n, 40).gaps, [{ startNs: seconds(10), endNs: seconds(42), reason: 'reset' }])
  assert.deepEqual(at(31_000_000n, 400).gaps, [{ startNs: seconds(10), endNs: seconds(400), reason: 'restart' }])
})

test('power is integrated by trapezoids, and a distance over three intervals is a gap', () => {
  const channel = powerChannel('bmc')
  const { postings, gaps } = run(new PowerIntegrator(channel, null), [
    power(seconds(0), watts(100)),
    power(seconds(5), watts(200)),
    power(seconds(20), watts(200)),
    power(seconds(36), watts(300)),
    power(seconds(41), watts(300)),
  ])
  assert.deepEqual(
    postings.map(({ energyUj }) => energyUj / 1_000_000n),
    [750n, 3000n, 1500n],
  )
  assert.deepEqual(gaps, [{ startNs: seconds(20), endNs: seconds(36), reason: 'late' }])
})

test('trapezoids lose no fraction: the sum is the floor of the exact integral', () => {
  const step = fc.record({ ns: fc.bigInt(1n, 3_000_000_000n), uw: fc.bigInt(0n, 10n ** 11n) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 200 }), (steps) => {
      const integrator = new PowerIntegrator(powerChannel('bmc'), null)
      let atNs = 1n
      let twice = 0n
      let before: bigint | undefined
      const readings = steps.map(({ ns, uw }) => {
        atNs += ns
        if (before !== undefined) twice += (before + uw) * ns
        before = uw
        return power(atNs, uw)
      })
      assert.equal(run(integrator, readings).energyUj, twice / (2n * NS_PER_S))
    }),
  )
})

test('more power than a channel can have is no reading', () => {
  const integrator = new PowerIntegrator(powerChannel('bmc'), null)
  const { postings, corrupt } = run(integrator, [
    power(seconds(0), watts(100)),
    power(seconds(5), 4_294_967_295_000_000n),
    power(seconds(10), watts(100)),
  ])
  assert.equal(corrupt.length, 1)
  assert.deepEqual(
    postings.map(({ energyUj }) => energyUj),
    [1_000_000_000n],
  )
})

test('postings and gaps never overlap and leave nothing out, whatever comes', () => {
  const event = fc.record({
    ns: fc.bigInt(1n, 40n * NS_PER_S),
    uw: fc.oneof(fc.bigInt(0n, 10n ** 9n), fc.bigInt(0n, 10n ** 12n)),
    kind: fc.integer({ min: 0, max: 9 }),
  })
  fc.assert(
    fc.property(fc.boolean(), fc.array(event, { maxLength: 100 }), (isCounter, events) => {
      const integrator = isCounter
        ? new CounterIntegrator(counterChannel('x'), null)
        : new PowerIntegrator(powerChannel('x', { intervalNs: NS_PER_S }), null)
      let atNs = 0n
      let knownNs: bigint | undefined
      for (const { ns, uw, kind } of events) {
        atNs += ns
        const pieces: { startNs: bigint; endNs: bigint }[] = []
        if (kind === 0) {
          const gap = integrator.expire(atNs)
          if (gap) pieces.push(gap)
        } else {
          // It may have been under way when time was declared.
          const readNs = kind === 2 ? atNs - ns / 2n : atNs
          const { posting, gap } = integrator.accept(
            kind === 1 ? failed(readNs) : isCounter ? count(readNs, uw % 262_143_328_911n) : power(readNs, uw),
          )
          if (gap) pieces.push(gap)
          if (posting) pieces.push(posting)
          assert.ok(posting === undefined || posting.energyUj >= 0n)
        }
        for (const { startNs, endNs } of pieces) {
          assert.ok(endNs > startNs)
          if (knownNs !== undefined) assert.equal(startNs, knownNs)
          knownNs = endNs
        }
        knownNs ??= integrator.position?.atNs
      }
    }),
  )
})
