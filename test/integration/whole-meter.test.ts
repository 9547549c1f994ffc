import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChannelAccount } from '../../src/integration/channel-account.ts'
import { WholeMeter } from '../../src/integration/whole-meter.ts'
import { AccountRig, constant, type Meter, meter, type Truth, wholeMeter } from './account-rig.ts'
import { power, powerChannel, seconds, TestClock, watts } from './machine.ts'

/** One power up to `s` seconds from the beginning, and another one after it. */
const stepAt = (s: number, before: number, after: number): Truth => {
  const atNs = new TestClock().ns + seconds(s)
  const fallen = constant(before)(atNs) - constant(after)(atNs)
  return (ns) => (ns < atNs ? constant(before)(ns) : constant(after)(ns) + fallen)
}

const eventsOf = (rig: AccountRig, ...whats: string[]) => {
  rig.collect()
  return rig.events.filter((event) => whats.some((what) => event.startsWith(`${what}:`)))
}

const joulesOf = (rig: AccountRig) => {
  const { measured, derived, estimated } = rig.state.energyUj
  return Number(measured + derived + estimated) / 1_000_000
}

test('a meter that tells less than its parts for a minute is not believed, until over a minute it reaches them', () => {
  const rig = new AccountRig([
    wholeMeter('psys', stepAt(121, 100, 500)),
    meter('nvml', 'counter', '0000:01', constant(300)),
  ])
  rig.passes(60)
  assert.equal(rig.node.gauges().partsExceedMeter, false)
  rig.passes(1)
  assert.equal(rig.node.gauges().partsExceedMeter, true)
  assert.equal(joulesOf(rig), 60 * 300, 'never below what its parts measure')
  rig.passes(60)
  assert.equal(joulesOf(rig), 120 * 300)
  rig.passes(60)
  assert.equal(rig.node.gauges().partsExceedMeter, false)
  rig.passes(60)
  // 33 s at 100 W and 27 s at 500 W are, with twice 4 %, what 300 W are in a minute.
  const byLeavesS = 120 + 27
  assert.equal(joulesOf(rig), byLeavesS * 300 + (240 - byLeavesS) * 500)
  assert.deepEqual(eventsOf(rig, 'parts_exceed_meter', 'parts_fit_meter'), [
    'parts_exceed_meter: psys told less than the parts of the machine for a minute: they count',
    'parts_fit_meter: psys counts again',
  ])
})

test('what the parts tell before their meter does is made up for, so that in the end the meter is right', () => {
  const gpu = stepAt(31, 100, 400)
  const late: Truth = (ns) => gpu(ns - seconds(3)) + constant(50)(ns)
  const rig = new AccountRig([wholeMeter('psys', late), meter('nvml', 'counter', '0000:01', gpu)])
  rig.passes(34)
  assert.equal(joulesOf(rig), 30 * 150 + 3 * 400)
  rig.passes(67)
  assert.equal(joulesOf(rig), 33 * 150 + 67 * 450)
})

test('a supply that was silent and comes back leaves nothing to make up for', () => {
  const supplies = [0, 1].map((n) => wholeMeter('ac_in', constant(200), { sensor: `psu-${n}` }))
  const rig = new AccountRig([...supplies, meter('nvml', 'counter', '0000:01', constant(300))])
  rig.passes(11)
  const [first] = supplies as [Meter]
  first.isFailing = true
  rig.passes(30)
  first.isFailing = false
  rig.passes(30)
  // What a supply draws in its silence nobody knows: what the parts draw counts.
  assert.equal(joulesOf(rig), 39 * 400 + 31 * 300)
})

test('what is within both uncertainties is no disagreement, and costs nothing', () => {
  const rig = new AccountRig([wholeMeter('ac_in', constant(299)), meter('nvml', 'counter', '0000:01', constant(300))])
  rig.passes(301)
  assert.equal(rig.node.gauges().partsExceedMeter, false)
  assert.equal(joulesOf(rig), 300 * 300)
})

test('when no part tells its energy any more, a meter that was not believed counts again at once', () => {
  const gpu = meter('nvml', 'power', '0000:01', constant(300))
  const model = meter('model', 'model', 'socket-0', constant(10), 'package')
  for (const meters of [[gpu], [gpu, model]]) {
    const rig = new AccountRig([wholeMeter('psys', constant(100)), ...meters])
    rig.passes(71)
    assert.equal(joulesOf(rig) - 70 * 300 < 10 * 13, true)
    const { estimated } = rig.state.energyUj
    gpu.isFailing = true
    rig.passes(30)
    assert.equal(rig.node.gauges().partsExceedMeter, false)
    assert.equal(rig.state.energyUj.measured, watts(70 * 300 + 30 * 100))
    assert.equal(rig.state.energyUj.estimated, estimated, 'no model beside the meter')
    assert.equal(rig.state.unaccountedNs, seconds(1))
    gpu.isFailing = false
  }
})

test('a card that is booked late, when the meter of the machine is long back, changes nobody’s meter', () => {
  const whole = wholeMeter('ac_in', constant(500))
  const gpu = meter('nvml', 'counter', '0000:01', constant(300))
  const rig = new AccountRig([whole, gpu, meter('nvml-1', 'counter', '0000:02', constant(200))])
  rig.passes(11)
  gpu.isFailing = true
  whole.isFailing = true
  rig.passes(60)
  whole.isFailing = false
  rig.passes(60)
  gpu.isFailing = false
  rig.passes(10)
  assert.equal(joulesOf(rig), 140 * 500)
  assert.deepEqual(eventsOf(rig, 'meter_changed'), [
    'meter_changed: none -> ac_in',
    'meter_changed: ac_in -> components',
    'meter_changed: components -> ac_in',
  ])
  const { state } = rig.collect()
  assert.equal(state.node.meter, 'ac_in')
})

test('a meter that counts in watt-hours is waited for between two counts, and shown', () => {
  const wh = { numerator: 3_600_000_000n, denominator: 1n }
  const rig = new AccountRig([
    wholeMeter('psys', constant(100), { unitUj: wh }),
    meter('nvml', 'counter', '0000:01', constant(60)),
  ])
  rig.passes(120)
  for (let second = 0; second < 360; second++) {
    rig.pass()
    assert.equal(rig.node.gauges().node?.powerUw, watts(100))
  }
  assert.deepEqual(eventsOf(rig, 'meter_changed'), [
    'meter_changed: none -> components',
    'meter_changed: components -> psys',
  ])
})

test('of two cords one alone is no machine, while of two supplies the other one is', () => {
  for (const isShare of [true, false]) {
    const cords = ['a', 'b'].map((device) => {
      const channel = powerChannel(device, { nodeMeter: 'pdu', intervalNs: seconds(1), ...(isShare && { isShare }) })
      return new ChannelAccount(channel, null)
    })
    const [a, b] = cords as [ChannelAccount, ChannelAccount]
    const meter = new WholeMeter('pdu', [a, b])
    for (let s = 0; s <= 40; s += 1) {
      a.accept(power(seconds(s), watts(200)))
      if (s <= 10 || s >= 30) b.accept(power(seconds(s), watts(150)))
      b.expire(seconds(s))
    }
    const at = (s: number) => {
      const status = meter.status(seconds(s), seconds(40))
      return [status.kind, status.kind === 'covered' ? status.members.length : 0]
    }
    assert.deepEqual(
      [at(5), at(15), at(35)],
      [['covered', 2], isShare ? ['absent', 0] : ['covered', 1], ['covered', 2]],
    )
    assert.equal(meter.powerUw(seconds(40)), watts(350))
    a.accept(power(seconds(48), watts(200)))
    assert.equal(meter.powerUw(seconds(48)), isShare ? null : watts(200))
  }
})
