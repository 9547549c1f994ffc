import { wattsOf } from '../../model/units.ts'
import type { Value } from '../../native/polled-sensor.ts'
import { isSaturated, microwattsOf } from './conversion.ts'
import type { PowerSensor } from './sdr.ts'

/** No host draws more. */
export const MOST_UW = 100_000_000_000n

/** Where a sensor has no reading, native.ts has its supply's states above this (IPMI 2.0, table 42-3, type 08h). */
const STATUS_INSTEAD = 0x100n
const PRESENT = 1n << 0n
const INPUT_LOST = 1n << 3n

/** True for the states of the supply in place of a reading. */
export function isStatus(raw: bigint): boolean {
  return raw >= STATUS_INSTEAD
}

/** What a raw value of a sensor of watts means. A supply whose status says that it has no input takes in nothing. */
export function sensorValue(raw: bigint, { conversion }: Pick<PowerSensor, 'conversion'>): Value {
  if (isStatus(raw)) return hasInput(raw) ? { unavailable: 'the sensor has no reading at the moment' } : { powerUw: 0n }
  if (isSaturated(Number(raw), conversion)) return { corrupt: `raw value ${raw} is the end of the sensor's range` }
  const powerUw = microwattsOf(Number(raw), conversion)
  if (powerUw === null) return { corrupt: `raw value ${raw} stands for no power` }
  return powerUw > MOST_UW ? { corrupt: `${wattsOf(powerUw)} W from one host` } : { powerUw }
}

const hasInput = (states: bigint): boolean => (states & PRESENT) !== 0n && (states & INPUT_LOST) === 0n
