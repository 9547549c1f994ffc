import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Channel } from '../../../src/model/channel.ts'
import type { Reading } from '../../../src/model/reading.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { ipmi } from '../../../src/sensors/ipmi/ipmi.ts'
import { VmBmc } from './vm-bmc.ts'

export const { signal } = new AbortController()
export const SCANNED = 0xc0

/** A long interval: nothing is read but what the test asks for. */
export const QUIET_MS = 600_000

export async function setUp(t: TestContext): Promise<VmBmc> {
  const bmc = await VmBmc.start()
  t.after(() => bmc[Symbol.asyncDispose]())
  return bmc
}

export function sensorAt(
  t: TestContext,
  device: string,
  options: { interval?: number; deadline?: number } = {},
  sysfs = '/nowhere',
): Sensor {
  const context = { sysfs, procfs: '/proc', devfs: '/dev', clock: systemClock }
  const sensor = ipmi.create({ device, interval: QUIET_MS, deadline: 10_000, ...options }, context)
  t.after(() => sensor.close())
  return sensor
}

export async function read(sensor: Sensor): Promise<readonly Reading[]> {
  const [sweep] = await sensor.readNow(signal)
  assert.ok(sweep)
  return sweep.readings
}

export async function watts(sensor: Sensor): Promise<(number | string)[]> {
  return (await read(sensor)).map((reading) => {
    if (reading.status === 'failed') return reading.code
    return Number(reading.status === 'power' ? reading.powerUw : reading.count) / (reading.status === 'power' ? 1e6 : 1)
  })
}

export const names = (channels: readonly Channel[]) => channels.map(({ scope, device }) => `${scope}/${device}`)
export const meters = (channels: readonly Channel[]) => channels.map(({ nodeMeter }) => nodeMeter ?? null)

export async function failure(promise: Promise<unknown>): Promise<SensorError> {
  const error = await promise.then(
    () => null,
    (cause: unknown) => cause,
  )
  assert.ok(error instanceof SensorError)
  return error
}

export async function until(t: TestContext, condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(5, undefined, { signal: t.signal })
}
