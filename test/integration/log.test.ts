import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LedgerState } from '../../src/model/batch.ts'
import { channelKey } from '../../src/model/channel.ts'
import { count, counterChannel, integration, power, powerChannel, seconds, TestClock, watts } from './machine.ts'

const meter = powerChannel('bmc', { sensor: 'redfish', nodeMeter: 'redfish' })
const log = powerChannel('bmc-log', {
  sensor: 'redfish',
  nodeMeter: 'redfish-log',
  quality: 'derived',
  fills: channelKey(meter),
})
const package0 = counterChannel('package-0', { modulus: null })
const HOUR = 3_600

/** Reads 300 W for a minute, of which the processor draws 100 W. */
function run(clock: TestClock, restored: LedgerState | null, logged: readonly (readonly [agoS: number, w: number])[]) {
  const node = integration(clock, restored)
  node.setChannels('redfish', [meter, log])
  node.setChannels('rapl', [package0])
  const readings = logged.map(([agoS, w]) => power(clock.ns - seconds(agoS), watts(w)))
  assert.deepEqual(
    node.accept(
      'redfish',
      readings.map((one) => ({ first: 1, readings: [one] })),
    ),
    [],
  )
  node.openAccount()
  for (let s = 0; s <= 60; s += 1) {
    if (s % 5 === 0) node.accept('redfish', [{ first: 0, readings: [power(clock.ns, watts(300))] }])
    node.accept('rapl', [{ first: 0, readings: [count(clock.ns, (clock.ns / 1_000n) * 100n)] }])
    node.tick()
    clock.advance(seconds(1))
  }
  const { state, gaps } = node.collect()
  const { measured, derived, estimated } = state.node.energyUj
  const own = state.channels.find(({ key }) => key === channelKey(log))?.energyUj
  return { state, gaps, kJ: Number(measured + derived + estimated) / 1e9, ownKj: Number(own ?? 0n) / 1e9 }
}

/** Five minutes after five minutes, the newest last. */
const means = (fromS: number, w: number): (readonly [number, number])[] =>
  Array.from({ length: fromS / 300 + 1 }, (_, at) => [fromS - at * 300, w])

const near = (value: number, wanted: number, by: number) =>
  assert.ok(Math.abs(value - wanted) <= by, `${value} is not ${wanted} ± ${by}`)

test('what a controller logged between two runs fills the time in which nobody read it, and no other', () => {
  const clock = new TestClock()
  const first = run(clock, null, means(24 * HOUR, 900))
  near(first.kJ, 18, 1)
  assert.equal(first.ownKj, 0, 'nothing of the time before the first run')
  clock.advance(seconds(8 * HOUR))
  const second = run(clock, first.state, means(24 * HOUR, 200))
  near(second.ownKj, (200 * 8 * HOUR) / 1e3, 1)
  near(second.kJ, first.kJ + second.ownKj + 18, 1)
  assert.deepEqual(second.state.channels.find(({ key }) => key === channelKey(log))?.unaccountedNs, 0n)
  assert.equal(second.state.node.unaccountedNs, first.state.node.unaccountedNs)
  const third = run(clock, second.state, means(24 * HOUR, 200))
  near(third.ownKj, second.ownKj, 2)
})

test('a hole in the log stays a gap', () => {
  const clock = new TestClock()
  const { state } = run(clock, null, [])
  clock.advance(seconds(4 * HOUR))
  const logged = means(24 * HOUR, 200).filter(([agoS]) => agoS <= HOUR || agoS >= 3 * HOUR)
  near(run(clock, state, logged).ownKj, (200 * 2 * HOUR) / 1e3, 1)
})

test('after another boot nothing is filled', () => {
  const clock = new TestClock()
  const { state } = run(clock, null, [])
  clock.advance(seconds(HOUR))
  const other = { ...state, bootId: 'another' }
  assert.equal(run(clock, other, means(24 * HOUR, 200)).ownKj, 0)
})
