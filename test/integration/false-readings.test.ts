import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CounterIntegrator } from '../../src/integration/counter-integrator.ts'
import type { Outcome } from '../../src/integration/integrator.ts'
import type { CounterChannel } from '../../src/model/channel.ts'
import type { Gap } from '../../src/model/posting.ts'
import { NS_PER_MS, NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'
import { count, counterChannel, seconds, watts } from './machine.ts'

/** A counter of a channel, and what an integrator makes of it. */
class Line {
  readonly channel: CounterChannel
  readonly integrator: CounterIntegrator
  readonly outcomes: Outcome[] = []
  /** The true register, as if it never wrapped. */
  counts: bigint
  #atNs = NS_PER_S

  constructor(channel: CounterChannel, counts = 5_000_000_000n) {
    this.channel = channel
    this.integrator = new CounterIntegrator(channel, null)
    this.counts = counts
  }

  /** Time passes at a power, and the register is read: what it shows, or what `falsely` makes of that. */
  read(w: number, ms = 1_000, falsely: (shown: bigint) => bigint = (shown) => shown): void {
    const { unitUj } = this.channel
    this.#atNs += BigInt(ms) * NS_PER_MS
    this.counts += (BigInt(w) * BigInt(ms) * 1_000n * unitUj.denominator) / unitUj.numerator
    this.outcomes.push(this.integrator.accept(count(this.#atNs, falsely(this.shown))))
  }

  get shown(): bigint {
    const { modulus } = this.channel
    return modulus === null ? this.counts : this.counts % modulus
  }

  get bookedUj(): bigint {
    return this.outcomes.reduce((sum, { posting }) => sum + (posting?.energyUj ?? 0n), 0n)
  }

  uj(counts: bigint): bigint {
    return (counts * this.channel.unitUj.numerator) / this.channel.unitUj.denominator
  }

  get gaps(): Gap[] {
    return this.outcomes.flatMap(({ gap }) => gap ?? [])
  }

  steps(type: 'wrapped' | 'reset'): number {
    return this.outcomes.filter(({ step }) => step === type).length
  }
}

const amd = { modulus: 65_532_610_987n }

/** A channel that has shown what it usually draws. */
function steady(w: number, ms = 1_000, channel: Partial<CounterChannel> = amd, counts?: bigint): Line {
  const line = new Line(counterChannel('package-0', { intervalNs: BigInt(ms) * NS_PER_MS, ...channel }), counts)
  for (let reading = 0; reading < 20; reading++) line.read(w, ms)
  return line
}

for (const ms of [5, 50, 499]) {
  test(`a new counter that a scrape reads ${ms} ms after its first step goes on from where it was found`, () => {
    const line = new Line(counterChannel('package-0', { intervalNs: NS_PER_S, ...amd }))
    line.read(40)
    const from = line.counts
    for (let round = 0; round < 3; round++) for (const pauseMs of [1_000, ms]) line.read(40, pauseMs)
    assert.deepEqual(
      line.outcomes.filter(({ corrupt, gap }) => corrupt ?? gap),
      [],
    )
    assert.equal(line.bookedUj, line.uj(line.counts - from))
  })
}

for (const ms of [200, 500, 1_000]) {
  for (const joules of [-680n, 680n, 40n, -40n]) {
    test(`off by ${joules} J for 1.1 s, read each ${ms} ms: nothing is lost and nothing invented`, () => {
      const line = steady(8, ms)
      const from = line.counts - line.uj(line.bookedUj)
      for (let round = 0; round < 4; round++) {
        for (let atMs = 0; atMs < 1_100; atMs += ms) line.read(8, ms, (shown) => shown + joules * 1_000_000n)
        for (let atMs = 0; atMs < 20_000; atMs += ms) line.read(8, ms)
      }
      assert.equal(line.bookedUj, line.counts - from)
      assert.deepEqual(line.gaps, [])
      assert.equal(line.steps('reset') + line.steps('wrapped'), 0)
    })
  }
}

test('one reading of zero is bridged, at the start as well as later', () => {
  const line = new Line(counterChannel('package-0'))
  line.read(30, 1_000, () => 0n)
  for (let reading = 0; reading < 20; reading++) line.read(30)
  const missed = line.gaps.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0n)
  assert.ok(missed > 0n && missed <= seconds(4))
  assert.equal(line.bookedUj, watts(30) * (20n - missed / NS_PER_S))
  const before = line.bookedUj
  line.read(30, 1_000, () => 0n)
  for (let reading = 0; reading < 5; reading++) line.read(30)
  assert.equal(line.bookedUj - before, watts(30) * 6n)
  assert.equal(line.steps('reset'), 0)
})

test('a reading that follows the second one at once, or shows no change, casts no doubt on the first second', () => {
  const intervals = fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 40 })
  const lumps = fc.constantFrom(1n, 1_000_000n, 40_000_000n)
  fc.assert(
    fc.property(intervals, lumps, (intervalsMs, lumpUj) => {
      const line = new Line(counterChannel('package-0', amd))
      const published = (shown: bigint) => shown - (shown % lumpUj)
      line.read(40, 1_000, published)
      const fromUj = published(line.shown)
      for (const ms of [...intervalsMs, 1_000, 1_000, 1_000, 1_000]) line.read(40, ms, published)
      const corrupt = line.outcomes.flatMap((outcome) => outcome.corrupt ?? [])
      assert.deepEqual([corrupt, line.gaps, line.bookedUj], [[], [], published(line.shown) - fromUj])
    }),
    { numRuns: runs(1_000), seed: 1 },
  )
})

test('a counter that is published more rarely than it is read, as by another program into a file, is not refused for it', () => {
  for (const everyS of [2n, 3n, 6n]) {
    const line = new Line(counterChannel('plug', { sensor: 'file', modulus: null }))
    const published = (shown: bigint) => shown - (shown % (everyS * watts(300)))
    line.read(300, 1_000, published)
    const fromUj = published(line.shown)
    for (let s = 0; s < 60; s++) line.read(300, 1_000, published)
    const corrupt = line.outcomes.flatMap((outcome) => outcome.corrupt ?? [])
    assert.deepEqual([corrupt, line.gaps, line.bookedUj], [[], [], published(line.shown) - fromUj])
  }
})

test('a register that was reset is believed when its readings agree: one gap from the old mark, one reset', () => {
  for (const modulus of [null, amd.modulus]) {
    const line = steady(8, 1_000, { modulus }, 1_000_000_000n)
    const booked = line.bookedUj
    line.counts = 3_000_000n
    for (let reading = 0; reading < 10; reading++) line.read(8)
    assert.equal(line.steps('reset'), 1)
    assert.equal(line.steps('wrapped'), 0)
    assert.deepEqual(line.gaps, [{ startNs: seconds(21), endNs: seconds(24), reason: 'reset' }])
    assert.equal(line.bookedUj - booked, watts(8) * 7n)
  }
})

test('a reset near the end of the register is no wrap, and a wrap is one at once', () => {
  const { modulus } = amd
  const reset = steady(8, 1_000, { modulus }, modulus - 700_000_000n)
  const booked = reset.bookedUj
  reset.counts = modulus + 3_000_000n
  for (let reading = 0; reading < 4; reading++) reset.read(8)
  assert.deepEqual([reset.steps('reset'), reset.steps('wrapped')], [1, 0])
  assert.equal(reset.bookedUj - booked, watts(8))

  const wrap = steady(8, 1_000, { modulus }, modulus - 162_000_000n)
  const before = wrap.bookedUj
  wrap.read(8)
  assert.deepEqual([wrap.steps('reset'), wrap.steps('wrapped')], [0, 1])
  assert.equal(wrap.bookedUj - before, watts(8))
})

test('an ordinary rise of load is booked at once, an extraordinary one when the next readings agree with it', () => {
  const line = steady(20)
  const before = line.bookedUj
  line.read(150)
  assert.equal(line.bookedUj - before, watts(150), 'as fresh as the reading')
  const idle = steady(8)
  const idleUj = idle.bookedUj
  idle.read(300)
  assert.equal(idle.bookedUj, idleUj)
  idle.read(300)
  idle.read(300)
  assert.equal(idle.bookedUj - idleUj, watts(900))
  assert.deepEqual(idle.gaps, [])
})

test('a counter that stands and catches up is booked for the time that is not declared alone', () => {
  const line = steady(30)
  const before = line.bookedUj
  const { shown } = line
  for (let reading = 0; reading < 30; reading++) line.read(30, 1_000, () => shown)
  for (let reading = 0; reading < 12; reading++) line.read(30)
  const missed = line.gaps.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0n)
  assert.equal(missed, seconds(32))
  assert.ok(line.gaps.every(({ reason }) => reason === 'stalled'))
  assert.equal(line.gaps.length, 22, 'once it stands, each reading extends the gap')
  assert.equal(line.bookedUj - before, watts(30) * 10n)
})

/** What a reading says instead of the truth: anything, and often something near it. */
const falsehood = fc.oneof(
  fc.bigInt(0n, 1n << 36n).map((value) => (): bigint => value),
  fc.bigInt(-1_000_000_000n, 1_000_000_000n).map(
    (off) =>
      (shown: bigint): bigint =>
        shown + off,
  ),
  fc.bigInt(-100_000_000n, 100_000_000n).map(
    (off) =>
      (shown: bigint): bigint =>
        shown + off,
  ),
)
const registers = [
  counterChannel('intel'),
  counterChannel('amd', amd),
  counterChannel('wide', { modulus: null }),
  counterChannel('msr', { modulus: 1n << 32n, unitUj: { numerator: 1_000_000n, denominator: 1n << 16n } }),
]

/**
 * What a channel of up to 100 W makes in 5 s and the second of slack, eight times: an ordinary step; twice that where a
 * false reading left two intervals to one.
 */
const ORDINARY_UJ = watts(100) * 6n * 8n * 2n

test('whatever every other reading says, never is more booked than the truth and an ordinary step', () => {
  const reading = fc.record({
    ms: fc.constantFrom(200, 1_000, 1_000, 1_000, 5_000),
    w: fc.integer({ min: 0, max: 100 }),
    lie: fc.option(falsehood, { freq: 4 }),
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...registers),
      fc.bigInt(0n, 1n << 33n),
      fc.constantFrom(0, 1),
      fc.array(reading, { minLength: 3, maxLength: 120 }),
      (channel, start, parity, readings) => {
        const line = new Line(channel, start)
        const excessUj = () => line.bookedUj - line.uj(line.counts - start)
        // The very first reading has none before it that could tell that it is false, and what it makes of the first steps
        // is then taken for usual.
        const firstIsTrue = parity === 1
        const mostUj = firstIsTrue ? ORDINARY_UJ : 2n * ORDINARY_UJ
        for (const [index, { ms, w, lie }] of readings.entries()) {
          line.read(w, ms, (shown) => {
            const said = index % 2 === parity && lie !== null ? lie(shown) : shown
            return said < 0n || said >= (channel.modulus ?? said + 1n) ? shown : said
          })
          assert.ok(excessUj() <= mostUj)
        }
        for (let more = 0; more < 200; more++) line.read(100)
        assert.ok(excessUj() <= (firstIsTrue ? 1n : mostUj))
      },
    ),
    { numRuns: runs(300) },
  )
})
