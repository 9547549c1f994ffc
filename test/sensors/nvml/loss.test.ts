import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Sweep } from '../../../src/model/reading.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import { buildNvmlLibrary } from '../../fixtures/nvml/build.ts'
import { machineOf, openMachine, readAll, sensorOn, signal, uuid, wordsOf } from './machine.ts'

const ENERGY = 'nvmlDeviceGetTotalEnergyConsumption'

test('a lost GPU fails alone and comes back under its own name', async (t) => {
  const { machine, sensor } = await openMachine(t)
  const counters = ['gpu 0 energy-mj 10', 'gpu 1 energy-mj 20']
  machine.control(...counters, 'gpu 0 lost')
  assert.deepEqual(await readAll(sensor), ['SENSOR_ABSENT GPU_IS_LOST (15)', 'count 20'])
  assert.deepEqual(await readAll(sensor), ['SENSOR_ABSENT GPU_NOT_FOUND (28)', 'count 20'])
  machine.control(...counters)
  assert.deepEqual(await readAll(sensor), ['count 10', 'count 20'])
  assert.equal(await sensor.changed(), false)
  await sensor.close()
  const session = ['nvmlInit_v2', 'nvmlShutdown']
  assert.deepEqual(machine.log(), [...session, ...session, ...session])
})

test('a GPU that is lost when the sensor is opened anew stays a channel until the driver no longer counts it', async (t) => {
  const { machine, sensor, channels } = await openMachine(t, {
    control: ['gpu 0 energy-mj 10', 'gpu 1 name NVIDIA T4'],
  })
  machine.control('gpus 3', 'gpu 1 lost')
  const [first, lost, ...others] = await sensor.open(signal)
  assert.deepEqual([first?.device, lost?.device, others.length], [uuid(0), uuid(1), 1])
  assert.deepEqual(lost, channels[1])
  assert.deepEqual(sensor.unmetered, [])
  assert.deepEqual(await readAll(sensor), ['count 0', 'SENSOR_ABSENT GPU_NOT_FOUND (28)', 'count 0'])
  machine.control('gpus 3', 'gpu 1 energy-mj 7')
  await readAll(sensor)
  assert.deepEqual(await readAll(sensor), ['count 0', 'count 7', 'count 0'])
  assert.equal(await sensor.changed(), false)
  machine.control('gpus 1', 'reload 1')
  await readAll(sensor)
  await readAll(sensor)
  assert.equal(await sensor.changed(), true)
  assert.deepEqual(
    (await sensor.open(signal)).map(({ device }) => device),
    [uuid(0)],
  )
})

test('GPUs that are all lost are all channels', async (t) => {
  const { machine, sensor } = await openMachine(t)
  machine.control('gpu * lost')
  assert.equal((await sensor.open(signal)).length, 2)
  assert.deepEqual(await readAll(sensor), ['SENSOR_ABSENT GPU_NOT_FOUND (28)', 'SENSOR_ABSENT GPU_NOT_FOUND (28)'])
})

test('a GPU that needs a reset is as good as lost', async (t) => {
  const { machine, sensor } = await openMachine(t)
  machine.control(`gpu 1 fails ${ENERGY} 16`)
  assert.deepEqual(await readAll(sensor), ['count 0', 'SENSOR_ABSENT RESET_REQUIRED (16)'])
  machine.control('gpu 1 energy-mj 3')
  assert.deepEqual(await readAll(sensor), ['count 0', 'count 3'])
})

test('a lost GPU is not looked for before its time', async (t) => {
  const { machine, sensor } = await openMachine(t, { options: { recoverAfterMs: 30_000 } })
  machine.control('gpu 0 lost')
  for (let reading = 0; reading < 5; reading++) {
    assert.deepEqual(await readAll(sensor), ['SENSOR_ABSENT GPU_IS_LOST (15)', 'count 0'])
  }
  assert.deepEqual(machine.log(), ['nvmlInit_v2'])
})

test('failures that pass change nothing but the reading', async (t) => {
  const { machine, sensor } = await openMachine(t)
  machine.control(`gpu 0 fails ${ENERGY} 10`, `gpu 1 fails ${ENERGY} 999`)
  assert.deepEqual(await readAll(sensor), ['SENSOR_TRANSIENT TIMEOUT (10)', 'SENSOR_TRANSIENT UNKNOWN (999)'])
  machine.control('gpu 0 energy-mj 1')
  assert.deepEqual(await readAll(sensor), ['count 1', 'count 0'])
  assert.deepEqual(machine.log(), ['nvmlInit_v2'])
})

test('after a reload of the driver the counters begin anew, in whatever order the GPUs are found', async (t) => {
  const { machine, sensor } = await openMachine(t, { control: ['gpu 0 energy-mj 1000', 'gpu 1 energy-mj 2000'] })
  assert.deepEqual(await readAll(sensor), ['count 1000', 'count 2000'])
  machine.control('reload 1', 'fails nvmlInit_v2 9')
  assert.deepEqual(await readAll(sensor), ['SENSOR_TRANSIENT UNINITIALIZED (1)', 'SENSOR_TRANSIENT UNINITIALIZED (1)'])
  assert.deepEqual(await readAll(sensor), [
    'SENSOR_ABSENT DRIVER_NOT_LOADED (9)',
    'SENSOR_ABSENT DRIVER_NOT_LOADED (9)',
  ])
  const swapped = [`gpu 0 uuid ${uuid(1)}`, `gpu 1 uuid ${uuid(0)}`]
  machine.control('reload 1', ...swapped, 'gpu 0 energy-mj 5', 'gpu 1 energy-mj 6')
  assert.deepEqual(await readAll(sensor), ['count 6', 'count 5'])
  assert.equal(await sensor.changed(), false)
})

test('GPUs that came with a reload make the sensor changed', async (t) => {
  const { machine, sensor } = await openMachine(t)
  machine.control('gpus 3', 'reload 1')
  await readAll(sensor)
  assert.equal(await sensor.changed(), false)
  assert.deepEqual(await readAll(sensor), ['count 0', 'count 0'])
  assert.equal(await sensor.changed(), true)
  assert.equal((await sensor.open(signal)).length, 3)
  assert.equal(await sensor.changed(), false)
})

test('a GPU that was lost when the others were found is awaited', async (t) => {
  const { machine, sensor, channels } = await openMachine(t, { control: ['gpu 0 lost'] })
  assert.deepEqual(
    channels.map(({ device, facts }) => [device, facts.leftOut]),
    [[uuid(1), 'GPU 0: GPU_IS_LOST (15)']],
  )
  assert.deepEqual(await readAll(sensor), ['count 0'])
  assert.equal(await sensor.changed(), false)
  machine.control()
  assert.deepEqual(await readAll(sensor), ['count 0'])
  assert.equal(await sensor.changed(), true)
  assert.equal((await sensor.open(signal)).length, 2)
})

test('a GPU that the kernel module takes on makes the sensor changed', async (t) => {
  const machine = await machineOf(t)
  const sensor = sensorOn(t, machine)
  const gpus = join(machine.directory, 'driver/nvidia/gpus')
  mkdirSync(join(gpus, '0000:17:00.0'), { recursive: true })
  await sensor.open(signal)
  assert.equal(await sensor.changed(), false)
  mkdirSync(join(gpus, '0000:65:00.0'))
  assert.equal(await sensor.changed(), true)
})

test('a source that is refused later is replaced when the sensor is opened anew', async (t) => {
  const { machine, sensor } = await openMachine(t, { control: ['gpus 1'] })
  machine.control('gpus 1', `gpu 0 fails ${ENERGY} 3`)
  assert.deepEqual(await readAll(sensor), ['SENSOR_ABSENT NOT_SUPPORTED (3)'])
  assert.equal(await sensor.changed(), true)
  assert.deepEqual(
    (await sensor.open(signal)).map(({ kind }) => kind),
    ['power'],
  )
})

test('a source that fails for the moment is kept', async (t) => {
  const control = ['gpus 1', 'gpu 0 energy-mj 9']
  const { machine, sensor, channels } = await openMachine(t, { control: [...control, `gpu 0 fails ${ENERGY} 10`] })
  assert.equal(channels[0]?.kind, 'counter')
  machine.control(...control)
  assert.deepEqual(await readAll(sensor), ['count 9'])
})

test('a library upgraded under the running driver is loaded anew when the driver follows', async (t) => {
  const { machine, sensor, channels } = await openMachine(t, { control: ['gpus 1'] })
  assert.equal(channels.length, 1)
  machine.control('gpus 1', 'reload 1', 'fails nvmlInit_v2 18')
  await readAll(sensor)
  assert.deepEqual(await readAll(sensor), ['SENSOR_TRANSIENT LIB_RM_VERSION_MISMATCH (18)'])
  machine.install(await buildNvmlLibrary([ENERGY]))
  machine.control('gpus 1', 'reload 1')
  assert.deepEqual(await readAll(sensor), ['SENSOR_ABSENT FUNCTION_NOT_FOUND (13)'])
})

test('an init that hangs is given up, and closing does not wait for it', async (t) => {
  const machine = await machineOf(t, { control: ['hang nvmlInit_v2'] })
  const sensor = sensorOn(t, machine, { plan: { openTimeoutMs: 20 } })
  await assert.rejects(sensor.open(signal), { code: 'SENSOR_TIMEOUT' })
  await sensor.close()
  assert.deepEqual(sensor.drain(), [])
  machine.control()
  await until(() => machine.log().length === 3)
  assert.deepEqual(machine.log(), ['hang nvmlInit_v2', 'nvmlInit_v2', 'nvmlShutdown'])
})

test('a read that hangs is a time-out for all, is not begun twice, and its late answer is dropped', async (t) => {
  const deadlineMs = 150
  const { machine, sensor } = await openMachine(t, { plan: { deadlineMs } })
  machine.control(`hang ${ENERGY}`)
  const silence = /^SENSOR_TIMEOUT no answer since \d+ ms$/
  for (const words of await readAll(sensor)) assert.match(words, silence)
  const [stuck] = await stuckSince(sensor, deadlineMs + 50)
  for (const words of wordsOf(stuck as Sweep)) assert.match(words, silence)
  machine.control('gpu * energy-mj 77')
  assert.deepEqual(await readAll(sensor), ['count 77', 'count 77'])
  const [late, ...fresh] = sensor.drain().map(wordsOf)
  assert.deepEqual(late, ['SENSOR_TIMEOUT the answer came after the deadline', 'count 77'])
  assert.deepEqual(fresh.at(-1), ['count 77', 'count 77'])
  assert.deepEqual(machine.log(), ['nvmlInit_v2', `hang ${ENERGY}`])
})

test('a read that hangs does not hold up the close', async (t) => {
  const { machine, sensor } = await openMachine(t, { plan: { deadlineMs: 20 } })
  machine.control(`hang ${ENERGY}`)
  await readAll(sensor)
  await sensor.close()
  assert.deepEqual(machine.log(), ['nvmlInit_v2', `hang ${ENERGY}`])
  machine.control()
  await until(() => machine.log().at(-1) === 'nvmlShutdown')
})

/** Drains until the read under way is older than this. */
async function stuckSince(sensor: Sensor, ageMs: number): Promise<readonly Sweep[]> {
  let sweeps: readonly Sweep[] = []
  await until(() => {
    sweeps = sensor.drain()
    const reading = sweeps.at(-1)?.readings[0]
    return reading !== undefined && reading.afterNs - reading.beforeNs > BigInt(ageMs) * 1_000_000n
  })
  return sweeps
}

/** The event comes from another thread and has no voice; the test's own time-out bounds the wait. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate()
}
