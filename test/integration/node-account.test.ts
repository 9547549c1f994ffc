import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutAtMinutes, minuteOf } from '../../src/integration/row-collector.ts'
import { Timeline } from '../../src/integration/timeline.ts'
import type { Channel } from '../../src/model/channel.ts'
import type { Reading } from '../../src/model/reading.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'
import {
  count,
  counterChannel,
  estimateChannel,
  failed,
  integration,
  power,
  powerChannel,
  seconds,
  TestClock,
  watts,
} from './machine.ts'

type Source = (atNs: bigint) => Reading | null

/** Runs the clock for `s` seconds, one tick each, with every channel read when its interval comes round. */
function run(
  node: ReturnType<typeof integration>,
  clock: TestClock,
  s: number,
  sensors: Record<string, [Channel, Source][]>,
): void {
  for (let tick = 0; tick < s; tick++) {
    clock.advance(NS_PER_S)
    for (const [sensor, channels] of Object.entries(sensors)) {
      for (const [first, [channel, source]] of channels.entries()) {
        if ((clock.ns / NS_PER_S) % (channel.intervalNs / NS_PER_S) !== 0n) continue
        const reading = source(clock.ns)
        if (reading !== null) node.accept(sensor, [{ first, readings: [reading] }])
      }
    }
    node.tick()
  }
}

const constantPower =
  (w: number): Source =>
  (atNs) =>
    power(atNs, watts(w))
const constantCounter =
  (w: number): Source =>
  (atNs) =>
    count(atNs, ((atNs / 1000n) * BigInt(w)) % 262_143_328_911n)

function machine(clock: TestClock, sensors: Record<string, [Channel, Source][]>) {
  const node = integration(clock)
  for (const [sensor, channels] of Object.entries(sensors))
    node.setChannels(
      sensor,
      channels.map(([channel]) => channel),
    )
  node.openAccount()
  return node
}

const total = (node: ReturnType<typeof integration>) => {
  const { energyUj, unaccountedNs, settledNs } = node.collect().state.node
  return { ...energyUj, unaccountedNs, settledNs, all: energyUj.measured + energyUj.derived + energyUj.estimated }
}

test('a meter of the whole machine counts alone, though components and an estimate are there', () => {
  const clock = new TestClock()
  const sensors: Record<string, [Channel, Source][]> = {
    ipmi: [[powerChannel('bmc'), constantPower(300)]],
    rapl: [[counterChannel('package-0'), constantCounter(100)]],
    estimate: [[estimateChannel, constantPower(150)]],
  }
  const node = machine(clock, sensors)
  run(node, clock, 60, sensors)
  const { measured, derived, estimated } = total(node)
  assert.equal(derived + estimated, 0n)
  assert.equal(measured % watts(300), 0n)
  assert.ok(measured >= watts(300) * 50n && measured <= watts(300) * 60n)
})

test('when the meter goes, the sum of components takes over, and the meter takes back; nothing is counted twice', () => {
  const clock = new TestClock()
  let isThere = true
  const sensors: Record<string, [Channel, Source][]> = {
    ipmi: [[powerChannel('bmc'), (atNs) => (isThere ? power(atNs, watts(300)) : failed(atNs))]],
    rapl: [
      [counterChannel('package-0'), constantCounter(100)],
      [counterChannel('package-0', { scope: 'dram' }), constantCounter(20)],
    ],
  }
  const node = machine(clock, sensors)
  run(node, clock, 60, sensors)
  isThere = false
  run(node, clock, 100, sensors)
  isThere = true
  run(node, clock, 60, sensors)
  const { events, nodeRows } = node.collect()
  assert.deepEqual(
    events.filter(({ what }) => what === 'meter_changed').map(({ detail }) => detail),
    ['none -> dcmi', 'dcmi -> components', 'components -> dcmi'],
  )
  const summed = nodeRows.filter(({ meter }) => meter === 'components')
  const coveredMs = summed.reduce((sum, row) => sum + row.coveredMs, 0)
  const energyUj = summed.reduce((sum, row) => sum + row.energyUj, 0n)
  // 120 W metered plus 33 % modelled.
  assert.ok(Math.abs(Number(energyUj) / 1e6 / (coveredMs / 1e3) - 120 * 1.33) < 0.001)
  const allMs = nodeRows.reduce((sum, row) => sum + row.coveredMs, 0)
  assert.ok(Math.abs(allMs - Number((node.collect().state.node.settledNs ?? 0n) - 1000n * NS_PER_S) / 1e6) <= 5_000)
})

test('without any source the time is unaccounted, and it grows while it lasts', () => {
  const clock = new TestClock()
  const node = machine(clock, {})
  run(node, clock, 10, {})
  assert.equal(total(node).unaccountedNs, seconds(10))
  run(node, clock, 5, {})
  assert.equal(total(node).unaccountedNs, seconds(15))
  assert.equal(total(node).all, 0n)
})

test('a restart in the same boot loses nothing that a counter can bridge, in the channel and in the node account', () => {
  const clock = new TestClock()
  const sensors: Record<string, [Channel, Source][]> = { rapl: [[counterChannel('package-0'), constantCounter(100)]] }
  const first = machine(clock, sensors)
  run(first, clock, 30, sensors)
  const { state } = first.collect()
  clock.advance(seconds(45))
  const second = integration(clock, state)
  second.setChannels('rapl', [counterChannel('package-0')])
  second.openAccount()
  run(second, clock, 30, sensors)
  const batch = second.collect()
  assert.equal(batch.gaps.length, 0)
  assert.equal(batch.state.channels.find(({ key }) => key === 'rapl/package/package-0')?.energyUj, watts(100) * 104n)
  assert.equal(batch.state.node.energyUj.measured, watts(100) * 104n)
  assert.equal(batch.state.node.energyUj.estimated, watts(33) * 104n)
  assert.ok(batch.channelRows.some(({ bridged }) => bridged))
})

test('a register read in another way after a restart is not compared with the old one', () => {
  const clock = new TestClock()
  const powercap: Record<string, [Channel, Source][]> = { rapl: [[counterChannel('package-0'), constantCounter(100)]] }
  const first = machine(clock, powercap)
  run(first, clock, 10, powercap)
  const { state } = first.collect()
  const perf = counterChannel('package-0', { modulus: null, unitUj: { numerator: 1_000_000n, denominator: 1n << 32n } })
  const second = integration(clock, state)
  second.setChannels('rapl', [perf])
  second.openAccount()
  run(second, clock, 10, { rapl: [[perf, (atNs) => count(atNs, atNs)]] })
  const { gaps } = second.collect()
  assert.deepEqual(
    gaps.map(({ key, reason }) => [key, reason]),
    [
      ['rapl/package/package-0', 'restart'],
      [null, 'restart'],
    ],
  )
})

test('a reboot is a gap of the whole downtime, for each channel and for the node', () => {
  const clock = new TestClock()
  const sensors: Record<string, [Channel, Source][]> = { rapl: [[counterChannel('package-0'), constantCounter(100)]] }
  const first = machine(clock, sensors)
  run(first, clock, 10, sensors)
  const { state } = first.collect()
  const rebooted = new TestClock()
  rebooted.wallMs = clock.wallMs + 90_000
  rebooted.ns = seconds(20)
  const second = integration(rebooted, state, 'boot-2')
  second.setChannels('rapl', [counterChannel('package-0')])
  second.openAccount()
  run(second, rebooted, 10, sensors)
  const batch = second.collect()
  assert.deepEqual(
    batch.gaps
      .filter(({ reason }) => reason === 'reboot')
      .map(({ key, startedUnixMs, endedUnixMs }) => [key, endedUnixMs - startedUnixMs]),
    [
      [null, 90_000],
      ['rapl/package/package-0', 90_000],
    ],
  )
  const channel = batch.state.channels[0]
  assert.equal(channel?.unaccountedNs, seconds(90))
  assert.equal(channel?.energyUj, watts(100) * 18n)
  assert.ok((batch.state.node.unaccountedNs ?? 0n) >= seconds(90))
})

test('a suspend is a gap of its length, and a wall-clock jump changes no energy', () => {
  const clock = new TestClock()
  const sensors: Record<string, [Channel, Source][]> = { rapl: [[counterChannel('package-0'), constantCounter(100)]] }
  const node = machine(clock, sensors)
  run(node, clock, 10, sensors)
  clock.wallMs -= 7_200_000
  run(node, clock, 10, sensors)
  const jumped = node.collect()
  assert.deepEqual(
    jumped.events.filter(({ what }) => what === 'clock_jumped').map(({ detail }) => detail),
    ['wall clock moved by -7200000 ms'],
  )
  assert.equal(jumped.state.channels[0]?.energyUj, watts(100) * 19n)
  clock.suspendedNs += seconds(3600)
  clock.wallMs += 3_600_000
  run(node, clock, 10, sensors)
  const { gaps, state } = node.collect()
  const gap = gaps.find(({ key }) => key !== null)
  assert.equal(gap?.reason, 'suspend')
  assert.equal((gap?.endedUnixMs ?? 0) - (gap?.startedUnixMs ?? 0), 3_601_000)
  assert.equal(state.channels[0]?.unaccountedNs, seconds(3601))
})

test('a stretch that is cut up and taken piece by piece sums to the whole', () => {
  const segment = fc.record({ ns: fc.bigInt(1n, 10n ** 10n), energyUj: fc.bigInt(0n, 10n ** 12n) })
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 20 }),
      fc.array(fc.nat(1000), { maxLength: 20 }),
      (segments, cuts) => {
        const timeline = new Timeline()
        let endNs = 0n
        let wholeUj = 0n
        for (const { ns, energyUj } of segments) {
          timeline.add({ startNs: endNs, endNs: endNs + ns, energyUj })
          endNs += ns
          wholeUj += energyUj
        }
        assert.deepEqual(timeline.tailUntil(endNs), { fromNs: 0n, energyUj: wholeUj })
        assert.equal(timeline.coveredUntil(0n), endNs)
        const points = [...cuts.map((cut) => (endNs * BigInt(cut)) / 1000n), endNs].sort((a, b) =>
          a < b ? -1 : a > b ? 1 : 0,
        )
        let fromNs = 0n
        let sumUj = 0n
        for (const toNs of points) {
          sumUj += timeline.take(fromNs, toNs)
          fromNs = toNs
        }
        assert.equal(sumUj, wholeUj)
      },
    ),
  )
})

test('rows never span a minute and sum to the posting', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 41 }),
      fc.bigInt(1n, 10n ** 12n),
      fc.bigInt(0n, 10n ** 15n),
      (startMs, ns, energyUj) => {
        const pieces = cutAtMinutes(startMs, ns, energyUj)
        assert.equal(
          pieces.reduce((sum, piece) => sum + piece.energyUj, 0n),
          energyUj,
        )
        assert.equal(
          pieces.reduce((sum, piece) => sum + piece.durationNs, 0n),
          ns,
        )
        for (const { startUnixMs, endUnixMs } of pieces) {
          assert.ok(endUnixMs >= startUnixMs)
          assert.ok(endUnixMs <= minuteOf(startUnixMs) + 60_000)
        }
      },
    ),
  )
})

test('of a bridge of months all but the last day are rows of an hour at the most, and sum to the posting', () => {
  const day = 86_400n * NS_PER_S
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 41 }),
      fc.bigInt(day, 400n * day),
      fc.bigInt(0n, 10n ** 15n),
      (startMs, ns, energyUj) => {
        const pieces = cutAtMinutes(startMs, ns, energyUj)
        assert.ok(BigInt(pieces.length) <= 1_440n + 2n + 62n + ns / (3_600n * NS_PER_S))
        assert.equal(
          pieces.reduce((sum, piece) => sum + piece.energyUj, 0n),
          energyUj,
        )
        let endMs = startMs
        for (const { startUnixMs, endUnixMs } of pieces) {
          assert.equal(startUnixMs, endMs)
          const isOfLastDay = endUnixMs > startMs + Number((ns - day) / 1_000_000n) + 3_600_000
          const lengthMs = isOfLastDay ? 60_000 : 3_600_000
          assert.equal(Math.floor((endUnixMs - 1) / lengthMs), Math.floor(startUnixMs / lengthMs))
          endMs = endUnixMs
        }
        assert.equal(endMs, startMs + Number(ns / 1_000_000n))
      },
    ),
    { numRuns: runs(30) },
  )
})
