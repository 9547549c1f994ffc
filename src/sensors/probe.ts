import type { Channel } from '../model/channel.ts'
import type { Reading } from '../model/reading.ts'
import type { Sensor } from '../model/sensor.ts'
import { SensorError, type SensorErrorCode } from '../model/sensor-error.ts'
import { UJ_PER_J } from '../model/units.ts'

/** What one way of reading one sensor is worth on this machine, with the rights of this process. */
export type ProbeResult = { readonly sensor: string; readonly variant: string } & (
  | { readonly usable: true; readonly channels: readonly ProbedChannel[]; readonly unmetered: readonly string[] }
  | { readonly usable: false; readonly code: SensorErrorCode; readonly message: string; readonly remedy: string | null }
)

export interface ProbedChannel {
  readonly scope: string
  readonly device: string
  readonly kind: Channel['kind']
  readonly quality: Channel['quality']
  /** Whole-machine meter that it is or belongs to. */
  readonly meter: string | null
  readonly hardware: string | null
  /** µJ per count of a counter; µW of a power channel. */
  readonly unit: string
  readonly intervalMs: number
  /** Energy range of a fixed-width register, and how soon it wraps at the channel's maximum power. */
  readonly rangeJ: number | null
  readonly wrapS: number | null
  /** The value found, or why there was none. */
  readonly now: string
  readonly facts: Readonly<Record<string, string>>
}

/** Opens, reads once and closes. */
export async function probe(sensor: Sensor, variant: string, signal: AbortSignal): Promise<ProbeResult> {
  const name = { sensor: sensor.name, variant }
  try {
    const channels = await sensor.open(signal)
    const readings = await readOnce(sensor, channels.length, signal)
    const { unmetered = [] } = sensor
    return {
      ...name,
      usable: true,
      channels: channels.map((channel, index) => probed(channel, readings[index])),
      unmetered,
    }
  } catch (cause) {
    const error = cause instanceof SensorError ? cause : new SensorError('SENSOR_TRANSIENT', String(cause))
    return { ...name, usable: false, code: error.code, message: error.message, remedy: error.remedy ?? null }
  } finally {
    await sensor.close()
  }
}

async function readOnce(sensor: Sensor, width: number, signal: AbortSignal): Promise<(Reading | undefined)[]> {
  const readings = new Array<Reading | undefined>(width)
  for (const sweep of await sensor.readNow(signal)) {
    for (const [index, reading] of sweep.readings.entries()) readings[sweep.first + index] = reading
  }
  return readings
}

function probed(channel: Channel, reading: Reading | undefined): ProbedChannel {
  const { scope, device, kind, quality, facts } = channel
  const rangeJ = channel.kind === 'counter' ? rangeOf(channel.modulus, channel.unitUj) : null
  return {
    scope,
    device,
    kind,
    quality,
    meter: channel.nodeMeter,
    hardware: channel.hardware,
    unit: channel.kind === 'counter' ? `${uj(channel.unitUj.numerator, channel.unitUj.denominator)} µJ` : '1 µW',
    intervalMs: Number(channel.intervalNs / 1_000_000n),
    rangeJ,
    wrapS: rangeJ === null ? null : Math.round(rangeJ / (Number(channel.maxPowerUw) / 1e6)),
    now: shownValue(reading),
    facts,
  }
}

function rangeOf(modulus: bigint | null, unitUj: { numerator: bigint; denominator: bigint }): number | null {
  if (modulus === null) return null
  return Number((modulus * unitUj.numerator) / unitUj.denominator / UJ_PER_J)
}

const uj = (numerator: bigint, denominator: bigint): string =>
  String(Number((Number(numerator) / Number(denominator)).toPrecision(6)))

function shownValue(reading: Reading | undefined): string {
  if (reading === undefined) return 'not read'
  if (reading.status === 'failed') return `${reading.code}: ${reading.message}`
  return reading.status === 'counter' ? `${reading.count} counts` : `${(Number(reading.powerUw) / 1e6).toFixed(1)} W`
}
