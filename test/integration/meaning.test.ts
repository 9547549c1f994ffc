import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepCounter } from '../../src/integration/counter-step.ts'
import { PowerIntegrator } from '../../src/integration/power-integrator.ts'
import type { Channel } from '../../src/model/channel.ts'
import type { Reading } from '../../src/model/reading.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { count, counterChannel, integration, power, powerChannel, seconds, TestClock, watts } from './machine.ts'

function pass(
  node: ReturnType<typeof integration>,
  clock: TestClock,
  s: number,
  sources: readonly (readonly [Channel, number])[],
): void {
  for (let tick = 0; tick < s; tick++) {
    clock.advance(NS_PER_S)
    const readings = sources.map(
      ([{ kind }, w]): Reading =>
        kind === 'power' ? power(clock.ns, watts(w)) : count(clock.ns, (clock.ns / 1_000n) * BigInt(w)),
    )
    node.accept('hwmon', [{ first: 0, readings }])
    node.tick()
  }
}

const totalUj = (node: ReturnType<typeof integration>) => {
  const { measured, derived, estimated } = node.collect().state.node.energyUj
  return measured + derived + estimated
}

test('a channel that turns out to be inside another one, or to be no meter, counts no longer', () => {
  const clock = new TestClock()
  const rail = powerChannel('rail', {
    sensor: 'hwmon',
    scope: 'package',
    nodeMeter: null,
    hardware: 'socket-0',
    intervalNs: NS_PER_S,
  })
  const whole = powerChannel('total', { ...rail, device: 'total' })
  const node = integration(clock)
  node.setChannels('hwmon', [rail])
  node.openAccount()
  pass(node, clock, 11, [[rail, 100]])
  const before = totalUj(node)
  assert.equal(before, watts(1_330))
  // The rail that contains it appears.
  node.setChannels('hwmon', [{ ...rail, hardware: null }, whole])
  pass(node, clock, 11, [
    [rail, 100],
    [whole, 120],
  ])
  assert.equal(totalUj(node) - before, watts(1_596))
})

test('a meter whose limits changed is judged by the new ones', () => {
  const clock = new TestClock()
  const capped = powerChannel('cap', { sensor: 'hwmon', maxPowerUw: watts(200), intervalNs: NS_PER_S })
  const node = integration(clock)
  node.setChannels('hwmon', [capped])
  node.openAccount()
  pass(node, clock, 5, [[capped, 150]])
  node.setChannels('hwmon', [{ ...capped, maxPowerUw: watts(400) }])
  clock.advance(NS_PER_S)
  assert.deepEqual(node.accept('hwmon', [{ first: 0, readings: [power(clock.ns, watts(300))] }]), [])
})

test('less than nothing is no reading', () => {
  const meter = new PowerIntegrator(powerChannel('bmc'), null)
  meter.accept(power(seconds(0), watts(100)))
  assert.notEqual(meter.accept(power(seconds(5), -1n)).corrupt, undefined)
  assert.equal(meter.accept(power(seconds(10), watts(100))).posting?.energyUj, 1_000_000_000n)
})

test('a register that said more than it has states for never runs backwards', () => {
  assert.deepEqual(stepCounter(150n, 3n, 100n, 10n), { type: 'reset' })
  const channel = counterChannel('package-0')
  assert.deepEqual(stepCounter((channel.modulus ?? 0n) + 9n, 0n, channel.modulus, 1_000_000n), { type: 'reset' })
})
