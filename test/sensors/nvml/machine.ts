import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Channel } from '../../../src/model/channel.ts'
import type { Reading, Sweep } from '../../../src/model/reading.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import type { ReaderPlan } from '../../../src/native/polled-sensor.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { KnownGpus } from '../../../src/sensors/nvml/known.ts'
import { type NvmlOptions, nvmlPlan, nvmlSensor } from '../../../src/sensors/nvml/nvml.ts'
import type { SensorContext } from '../../../src/sensors/sensor-type.ts'
import { NvmlMachine, type NvmlMachineOptions } from '../../fixtures/nvml/machine.ts'

export const { signal } = new AbortController()

/** The second GPU's UUID ends with 1, and so on. */
export const uuid = (index: number): string => `GPU-00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`

export interface Opened {
  readonly machine: NvmlMachine
  readonly sensor: Sensor
  readonly channels: readonly Channel[]
}

export type MachineOptions = NvmlMachineOptions & {
  readonly options?: Partial<NvmlOptions>
  readonly plan?: Partial<ReaderPlan>
  readonly context?: Partial<SensorContext>
}

export async function machineOf(test: TestContext, options: MachineOptions = {}): Promise<NvmlMachine> {
  const machine = await NvmlMachine.create(options)
  test.after(() => machine[Symbol.dispose]())
  return machine
}

/** A sensor on the machine that reads when it is told to, and tries to recover at each reading. */
export function sensorOn(
  test: TestContext,
  machine: NvmlMachine,
  { options, plan, context }: MachineOptions = {},
): Sensor {
  const { directory, library } = machine
  const roots = { sysfs: directory, procfs: directory, devfs: directory, clock: systemClock, ...context }
  const known = new KnownGpus()
  const all = { interval: 3_600_000, idle_interval: 60_000, library, recoverAfterMs: 0, ...options }
  const sensor = nvmlSensor(all, known, async () => ({ ...(await nvmlPlan(all, roots, known)), ...plan }))
  test.after(() => sensor.close())
  return sensor
}

export async function openMachine(test: TestContext, options: MachineOptions = {}): Promise<Opened> {
  const machine = await machineOf(test, options)
  const sensor = sensorOn(test, machine, options)
  const channels = await sensor.open(signal)
  // The first reading happens by itself: afterwards only what a test asks for.
  await sensor.readNow(signal)
  sensor.drain()
  return { machine, sensor, channels }
}

/** Reads once more, and gives what each channel said in words: `count 5`, `power 5`, `SENSOR_ABSENT ...`. */
export async function readAll(sensor: Sensor): Promise<string[]> {
  const [sweep, ...others] = await sensor.readNow(signal)
  assert.ok(sweep !== undefined && others.length === 0)
  return wordsOf(sweep)
}

export function wordsOf({ readings }: Sweep): string[] {
  return readings.map(words)
}

function words(reading: Reading): string {
  if (reading.status === 'counter') return `count ${reading.count}`
  if (reading.status === 'power') return `power ${reading.powerUw}`
  return `${reading.code} ${reading.message}`
}
