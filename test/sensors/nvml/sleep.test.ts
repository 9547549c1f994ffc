import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AcceleratorWatch } from '../../../src/native/accelerator-watch.ts'
import type { NvmlOptions } from '../../../src/sensors/nvml/nvml.ts'
import { nvmlSchema } from '../../../src/sensors/nvml/schema.ts'
import { WakeCost } from '../../../src/sensors/nvml/wake-cost.ts'
import { machineOf, sensorOn, signal, uuid } from './machine.ts'

/** Two GPUs, of which the first may sleep: the library wakes it whenever it is asked, as the driver does. */
async function laptop(
  t: TestContext,
  options: Partial<NvmlOptions> = {},
  control = 'auto',
  d3 = 'Enabled (fine-grained)',
) {
  const machine = await machineOf(t)
  const power = join(machine.directory, 'bus/pci/devices/0000:17:00.0/power')
  const status = join(power, 'runtime_status')
  mkdirSync(power, { recursive: true })
  writeFileSync(join(power, 'control'), `${control}\n`)
  writeFileSync(status, 'active   \n')
  const driver = join(machine.directory, 'driver/nvidia/gpus/0000:17:00.0')
  mkdirSync(driver, { recursive: true })
  writeFileSync(join(driver, 'power'), `Runtime D3 status:          ${d3}\nVideo Memory:               Active\n`)
  const lines = ['gpus 2', `gpu 0 wakes ${status}`, 'gpu 0 step-mj 500', 'gpu 1 rate-mw 120000']
  machine.control(...lines)
  const sensor = sensorOn(t, machine, { options })
  return {
    machine,
    sensor,
    status: () => readFileSync(status, 'utf8').trim(),
    // In place and of one length, as sysfs is never seen half written.
    set: (text: string) => writeFileSync(status, `${text.padEnd(9)}\n`, { flag: 'r+' }),
    control: (...more: string[]) => machine.control(...lines, ...more),
    asked: () => machine.log().filter((line) => line.startsWith('gpu 0 ')).length,
  }
}

/** What the driver knows of a GPU without the GPU. */
const NAMING = /HandleByIndex|UUID|PciInfo|Name|MinorNumber/

/** The devices that told something in so many passes. */
async function passes(sensor: Awaited<ReturnType<typeof laptop>>['sensor'], count: number): Promise<number[]> {
  const told = [0, 0]
  for (let pass = 0; pass < count; pass += 1) {
    for (const { first, readings } of await sensor.readNow(signal)) {
      for (const [at, reading] of readings.entries())
        if (reading.status === 'counter') told[first + at] = (told[first + at] ?? 0) + 1
    }
  }
  return told
}

test('a GPU that sleeps is not woken by forty passes, and its neighbour is read in each', async (t) => {
  const { sensor, status, set, asked } = await laptop(t)
  const [first, second] = await sensor.open(signal)
  assert.deepEqual(
    [first?.device, first?.intervalNs, second?.intervalNs],
    [uuid(0), 3_600_000_000_000n, 3_600_000_000_000n],
  )
  assert.equal(first?.facts.sleep, 'while nobody uses it, and is asked the less often then')
  assert.equal(second?.facts.sleep, undefined)
  assert.deepEqual(sensor.unmetered, [])
  await passes(sensor, 1)
  set('suspended')
  const before = asked()
  assert.deepEqual(await passes(sensor, 40), [0, 40])
  assert.equal(asked(), before, 'not one call')
  assert.equal(status(), 'suspended')
  assert.equal(await sensor.changed(), false)
})

test('one that is awake and idle is left alone too, or it would never fall asleep', async (t) => {
  const { sensor, asked } = await laptop(t)
  await sensor.open(signal)
  await passes(sensor, 1)
  const before = asked()
  assert.deepEqual(await passes(sensor, 20), [0, 20])
  assert.equal(asked(), before)
})

test('one that somebody uses is read in each pass, and so is one that somebody else woke', async (t) => {
  const { sensor, set, control } = await laptop(t)
  await sensor.open(signal)
  await passes(sensor, 1)
  set('suspended')
  await passes(sensor, 1)
  set('active')
  assert.deepEqual(await passes(sensor, 20), [20, 20])
  const busy = await laptop(t, { idle_interval: 20 })
  busy.control('gpu 0 utilization 3')
  await busy.sensor.open(signal)
  assert.deepEqual(await passes(busy.sensor, 20), [20, 20])
  control()
})

test('a GPU that the kernel or the driver keeps awake is read as ever', async (t) => {
  for (const [control, d3] of [
    ['on', 'Enabled (fine-grained)'],
    ['auto', 'Not supported'],
    ['auto', 'Disabled by default'],
  ]) {
    const { sensor, set } = await laptop(t, {}, control, d3)
    await sensor.open(signal)
    set('suspended')
    assert.deepEqual(await passes(sensor, 20), [20, 20])
  }
})

test('who follows the users of the GPUs lets one sleep too, and tells what it told last', async (t) => {
  const { machine, set, control } = await laptop(t)
  control('gpu 0 process 70 compute 1000')
  const { library, directory } = machine
  const roots = { sysfs: directory, procfs: directory }
  const watch = new AcceleratorWatch({ library, intervalMs: 3_600_000, recoverAfterMs: 0, ...roots })
  t.after(() => watch.close())
  await watch.open(30_000, signal)
  await watch.sweepNow(30_000, signal)
  const held = watch
    .take()
    .at(-1)
    ?.devices.map(({ processes }) => processes?.map(({ pid }) => pid))
  assert.deepEqual(held, [[70], []])
  set('suspended')
  for (let sweep = 0; sweep < 10; sweep += 1) await watch.sweepNow(30_000, signal)
  const calls = machine
    .log()
    .slice(-1_000)
    .filter((line) => line.startsWith('gpu 0 ') && !NAMING.test(line))
  assert.equal(calls.length, new Set(calls).size, 'what needs the GPU was asked once')
  assert.deepEqual(
    watch
      .take()
      .at(-1)
      ?.devices.map(({ processes }) => processes?.length),
    [1, 0],
  )
})

test('a counter is not called false for the power of a GPU that was woken for it', async (t) => {
  const { sensor, set, status } = await laptop(t, { interval: 1, idle_interval: 20, compareMs: 40 })
  const [channel] = await sensor.open(signal)
  assert.equal(channel?.kind, 'counter')
  // 120 W whenever it is asked, and half a joule in between.
  for (let wakes = 0; wakes < 12; ) {
    await sensor.readNow(signal)
    sensor.drain()
    if (status() === 'suspended') continue
    wakes += 1
    set('suspended')
  }
  assert.equal(await sensor.changed(), false)
})

test('its channel says how seldom it is read', async (t) => {
  const { sensor } = await laptop(t, { interval: 1_000, idle_interval: 60_000 })
  const [first, second] = await sensor.open(signal)
  assert.deepEqual([first?.intervalNs, second?.intervalNs], [60_000_000_000n, 1_000_000_000n])
})

test('what it draws because it is asked in its sleep is our own', async (t) => {
  const { sensor, set, status } = await laptop(t, { idle_interval: 5 })
  await sensor.open(signal)
  set('suspended')
  for (let wakes = 0; wakes < 6; ) {
    await sensor.readNow(signal)
    if (status() === 'suspended') continue
    wakes += 1
    set('suspended')
  }
  sensor.drain()
  // Half a joule in each of the five times between six wakes; a pass by itself may have found it awake.
  const joules = Number(sensor.selfUj) / 1e6
  assert.ok(joules > 0 && joules <= 2.5, `${joules} J`)
  assert.equal(joules % 0.5, 0)
})

test('energy between two questions that both found it asleep, and no other', () => {
  const cost = new WakeCost({ unitUj: { numerator: 1_000n, denominator: 1n } })
  const times = { beforeNs: 0n, afterNs: 0n }
  const ask = (count: bigint, wakes: bigint): bigint =>
    cost.observe({ status: 'counter', ...times, count }, { status: 'counter', ...times, count: wakes })
  assert.equal(ask(1_000n, 1n), 0n, 'the first one')
  assert.equal(ask(4_000n, 2n), 3_000_000n)
  assert.equal(ask(9_000n, 2n), 0n, 'somebody used it')
  assert.equal(ask(9_500n, 3n), 0n, 'and it fell asleep in between')
  assert.equal(ask(9_700n, 4n), 200_000n)
  assert.equal(ask(100n, 5n), 0n, 'the driver was loaded anew')
  assert.equal(cost.observe(undefined, undefined), 0n)
  assert.equal(ask(150n, 6n), 50_000n)
})

test('the bound is a key of the configuration', () => {
  assert.equal(nvmlSchema.parse({}).idle_interval, 60_000)
  assert.equal(nvmlSchema.safeParse({ idle_interval: '6m' }).success, false)
})
