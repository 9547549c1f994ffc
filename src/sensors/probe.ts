import { setTimeout } from 'node:timers/promises'
import type { Channel, CounterChannel } from '../model/channel.ts'
import type { Rational } from '../model/rational.ts'
import { type Reading, readingAtNs } from '../model/reading.ts'
import type { Sensor } from '../model/sensor.ts'
import { SensorError, type SensorErrorCode } from '../model/sensor-error.ts'
import { meanPowerUw, NS_PER_S, UJ_PER_J, wattsOf } from '../model/units.ts'

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
  /** Whether it meters: a counter that moved as one can, a power that can be. */
  readonly measures: boolean
  readonly facts: Readonly<Record<string, string>>
}

/** Counters are read again this often and no more often than that: what draws anything has moved by then. */
const LOOK_MS = 250
const LOOKS = 8

type Readings = readonly (Reading | undefined)[]

/** Opens, reads until every counter has moved or had the time to, and closes. */
export async function probe(sensor: Sensor, variant: string, signal: AbortSignal): Promise<ProbeResult> {
  const name = { sensor: sensor.name, variant }
  try {
    const channels = await sensor.open(signal)
    const first = await readOnce(sensor, channels.length, signal)
    let now: Readings = first
    for (let look = 0; look < LOOKS && channels.some((one, at) => stands(one, first[at], now[at])); look += 1) {
      await setTimeout(LOOK_MS, undefined, { signal })
      now = await readOnce(sensor, channels.length, signal)
    }
    const { unmetered = [] } = sensor
    return {
      ...name,
      usable: true,
      channels: channels.map((channel, at) => probed(channel, first[at], now[at])),
      unmetered,
    }
  } catch (cause) {
    const error = cause instanceof SensorError ? cause : new SensorError('SENSOR_TRANSIENT', String(cause))
    return { ...name, usable: false, code: error.code, message: error.message, remedy: error.remedy ?? null }
  } finally {
    await sensor.close()
  }
}

/** Whether it tells what was drawn, which a register that stands still or a model does not. */
export function isMeter(result: ProbeResult): boolean {
  return result.usable && result.channels.some(({ quality, measures }) => quality !== 'estimated' && measures)
}

async function readOnce(sensor: Sensor, width: number, signal: AbortSignal): Promise<Readings> {
  const readings = new Array<Reading | undefined>(width)
  for (const sweep of await sensor.readNow(signal)) {
    for (const [index, reading] of sweep.readings.entries()) readings[sweep.first + index] = reading
  }
  return readings
}

function stands(channel: Channel, first: Reading | undefined, now: Reading | undefined): boolean {
  return channel.kind === 'counter' && !isCoarse(channel) && movement(channel, first, now)?.powerUw === 0n
}

/** What a counter made between two readings; null without them. */
function movement(
  { modulus, unitUj, maxPowerUw }: CounterChannel,
  first: Reading | undefined,
  now: Reading | undefined,
): { readonly powerUw: bigint; readonly isPossible: boolean } | null {
  if (first?.status !== 'counter' || now?.status !== 'counter') return null
  const difference = now.count - first.count
  const counts = difference < 0n ? difference + (modulus ?? 0n) : difference
  const energyUj = (counts * unitUj.numerator) / unitUj.denominator
  const elapsedNs = readingAtNs(now) - readingAtNs(first)
  // A second more, for what is published in steps, and one count that was all but full.
  const most = (maxPowerUw * (elapsedNs + NS_PER_S)) / NS_PER_S + unitUj.numerator / unitUj.denominator
  return { powerUw: meanPowerUw(energyUj, elapsedNs), isPossible: energyUj >= 0n && energyUj <= most }
}

function probed(channel: Channel, first: Reading | undefined, now: Reading | undefined): ProbedChannel {
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
    now: shownValue(channel, first, now),
    measures: measures(channel, first, now),
    facts,
  }
}

function rangeOf(modulus: bigint | null, unitUj: Rational): number | null {
  if (modulus === null) return null
  return Number((modulus * unitUj.numerator) / unitUj.denominator / UJ_PER_J)
}

const uj = (numerator: bigint, denominator: bigint): string =>
  String(Number((Number(numerator) / Number(denominator)).toPrecision(6)))

function measures(channel: Channel, first: Reading | undefined, now: Reading | undefined): boolean {
  if (channel.kind === 'power') return now?.status === 'power' && now.powerUw > 0n && now.powerUw <= channel.maxPowerUw
  const moved = movement(channel, first, now)
  return moved?.isPossible === true && (moved.powerUw > 0n || isCoarse(channel))
}

/** A counter of whole watt-hours stands for a minute and longer: that it can be read has to do. */
function isCoarse({ unitUj }: CounterChannel): boolean {
  return unitUj.numerator >= unitUj.denominator * 100n * UJ_PER_J
}

function shownValue(channel: Channel, first: Reading | undefined, now: Reading | undefined): string {
  if (now === undefined) return 'not read'
  if (now.status === 'failed') return `${now.code}: ${now.message}`
  if (now.status === 'power') return `${wattsOf(now.powerUw).toFixed(1)} W`
  const counts = `${now.count} counts`
  const moved = channel.kind === 'counter' ? movement(channel, first, now) : null
  if (moved === null) return counts
  if (moved.powerUw === 0n) return `${counts}, which did not move in ${(LOOKS * LOOK_MS) / 1000} s`
  const watts = `${wattsOf(moved.powerUw).toFixed(1)} W`
  return moved.isPossible
    ? `${counts}, ${watts}`
    : `${counts}, which would be ${watts}, more than this channel can draw`
}
