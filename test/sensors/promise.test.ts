import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PowerChannel } from '../../src/model/channel.ts'
import type { Sensor } from '../../src/model/sensor.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { createSensors, SENSORS } from '../../src/sensors/registry.ts'
import { SampledSensor } from '../../src/sensors/sampled-sensor.ts'
import { type SensorContext, sensorType } from '../../src/sensors/sensor-type.ts'
import { integration, power, powerChannel, TestClock, watts } from '../integration/machine.ts'
import fc, { runs } from '../property.ts'

/*
 * What a sensor of no list but the registry can count on: its channels reach the node's total by their own facts.
 */

const { signal } = new AbortController()

const gpu = { scope: 'gpu', nodeMeter: null, hardware: '0000:3b:00.0' } as const
const socket = { scope: 'package', nodeMeter: null, hardware: 'socket-0' } as const
const wall = { scope: 'ac_in', hardware: null } as const

const SETTINGS = { enabled: 'auto', interval: 1_000 } as const

/** A type of sensor that this file alone knows: one channel that says the same power at any time. */
function typeOf(name: string, facts: Partial<PowerChannel>, steadyW: number) {
  const channel = powerChannel('it', { nodeMeter: name, intervalNs: NS_PER_S, ...facts, sensor: name })
  return sensorType(name, async () => ({
    create: (settings: typeof SETTINGS, { clock }: SensorContext) =>
      new SampledSensor(name, settings.interval, clock, () => ({
        channels: [channel],
        read: () => [{ first: 0, readings: [power(clock.monotonicNs(), watts(steadyW))] }],
        changed: () => false,
      })),
  }))
}

type Type = ReturnType<typeof typeOf>

/** The node after eleven readings, ten seconds apart from the first to the last, of all channels of these sensors. */
async function nodeWith(...types: readonly Type[]) {
  const clock = new TestClock()
  const settings = Object.fromEntries(types.map(({ name }) => [name, SETTINGS]))
  const context = { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock }
  const sensors: Sensor[] = (await createSensors(settings, context, types)).map(({ sensor }) => sensor)
  const node = integration(clock)
  for (const sensor of sensors) node.setChannels(sensor.name, await sensor.open(signal))
  node.openAccount()
  for (let s = 0; s < 11; s++) {
    clock.advance(NS_PER_S)
    for (const sensor of sensors) assert.deepEqual(node.accept(sensor.name, sensor.drain()), [])
    node.tick()
  }
  const { state } = node.collect()
  const { measured, derived, estimated } = state.node.energyUj
  return { meter: state.node.meter, totalUj: measured + derived + estimated, measuredUj: measured }
}

test('a sensor of no list whose channel measures a part reaches the total', async () => {
  assert.ok(!SENSORS.some(({ name }) => name === ('tachometer' as string)))
  const alone = await nodeWith(typeOf('tachometer', socket, 100))
  assert.equal(alone.meter, 'components')
  // What its parts leave to the fans, the board and the supply is modelled on top.
  assert.ok(alone.totalUj > watts(1_000))
  assert.equal((await nodeWith(typeOf('rapl', socket, 100))).totalUj, alone.totalUj, 'as any sensor that is known')
  const both = await nodeWith(typeOf('tachometer', socket, 100), typeOf('odometer', gpu, 300))
  assert.ok(both.totalUj >= alone.totalUj + watts(3_000), 'beside others')
})

test('a sensor of no list that meters the whole machine is its meter', async () => {
  const { meter, measuredUj, totalUj } = await nodeWith(typeOf('tachometer', wall, 400), typeOf('rapl', socket, 100))
  assert.deepEqual([meter, measuredUj, totalUj], ['tachometer', watts(4_000), watts(4_000)])
  const known = await nodeWith(typeOf('tachometer', wall, 400), typeOf('dcmi', wall, 410))
  assert.deepEqual([known.meter, known.totalUj], ['dcmi', watts(4_100)], 'one that is known to be good comes first')
})

test('two sensors that read the same hardware count once, whatever their names', async () => {
  const name = fc.oneof(fc.constantFrom(...SENSORS.map(({ name }) => name)), fc.stringMatching(/^[a-z]{1,8}$/))
  const names = fc.uniqueArray(name, { minLength: 2, maxLength: 4 })
  const places = fc.constantFrom<Partial<PowerChannel>>(
    gpu,
    socket,
    { ...socket, scope: 'dram' },
    { ...socket, scope: 'module' },
  )
  await fc.assert(
    fc.asyncProperty(names, places, async (names, facts) => {
      const once = await nodeWith(typeOf(names[0] ?? '', facts, 200))
      const often = await nodeWith(...names.map((name) => typeOf(name, facts, 200)))
      assert.ok(once.totalUj >= watts(2_000))
      assert.equal(often.totalUj, once.totalUj)
    }),
    { numRuns: runs(30) },
  )
})
