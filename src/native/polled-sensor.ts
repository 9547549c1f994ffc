import type { Channel } from '../model/channel.ts'
import type { Reading, Sweep } from '../model/reading.ts'
import type { Sensor } from '../model/sensor.ts'
import { SensorError } from '../model/sensor-error.ts'
import { NS_PER_MS } from '../model/units.ts'
import { type NativeChannel, type NativeReader, native, sensorErrorCode } from './addon.ts'
import { type RawReading, ReaderThread } from './reader-thread.ts'

/**
 * The meaning of a raw value: counts of the register, µW, a number that cannot be, that there is none at the moment, or that
 * nobody asked for one.
 */
export type Value =
  | { readonly count: bigint }
  | { readonly powerUw: bigint }
  | { readonly corrupt: string }
  | { readonly unavailable: string }
  | { readonly unasked: true }

/** A channel, which of the reader's channels carries it, and how its raw values are read. */
export interface BoundChannel {
  readonly channel: Channel
  readonly interpret: (raw: bigint) => Value
  /** A failure of the reader that means something else than its code says; null for those that do not. */
  readonly interpretFailure?: (detail: number) => Value | null
}

/** What is at least this has all bits set, or is no count: the ledger keeps integers of 64 bits, and no meter comes near it. */
const LEAST_IMPOSSIBLE = 2n ** 63n

/** One native thread of a sensor. */
export interface ReaderPlan {
  readonly reader: NativeReader
  readonly intervalMs: number
  /** A read that takes longer is SENSOR_TIMEOUT, and its late answer is dropped. */
  readonly deadlineMs: number
  readonly openTimeoutMs: number
  /** One bound channel per channel that the reader found, in its order. */
  bind(found: readonly NativeChannel[]): readonly BoundChannel[]
  /** See `Sensor.unmetered`, of what the reader found. */
  unmetered?(found: readonly NativeChannel[]): readonly string[]
  /** What else decides which channels the reader would find: when it differs, `changed()` is true. */
  readonly topology?: string
  /** Adds what a person can do to an error of the reader. A ReaderError carries the reader's own number. */
  explain?(error: SensorError): SensorError
  /** Words for the `detail` of a failed reading: errno, nvmlReturn_t, completion code. */
  describe?(detail: number): string
}

interface OpenReader {
  readonly plan: ReaderPlan
  readonly thread: ReaderThread
  readonly bound: readonly BoundChannel[]
  readonly first: number
}

/**
 * A sensor made of native readers. A sensor's file says how to find its hardware (`discover`: the plans, or a rejection
 * with a SensorError) and what the raw values mean.
 */
export class PolledSensor implements Sensor {
  readonly name: string
  readonly isQuick: boolean
  readonly #discover: (signal: AbortSignal) => Promise<readonly ReaderPlan[]>
  #open: readonly OpenReader[] = []
  #unmetered: readonly string[] = []
  #fingerprint = ''

  constructor(name: string, discover: (signal: AbortSignal) => Promise<readonly ReaderPlan[]>, isQuick = false) {
    this.name = name
    this.isQuick = isQuick
    this.#discover = discover
  }

  async open(signal: AbortSignal): Promise<readonly Channel[]> {
    await this.close()
    const plans = await this.#discover(signal)
    const threads = plans.map((plan) => new ReaderThread(plan))
    try {
      const open: OpenReader[] = []
      const unmetered: string[] = []
      let first = 0
      for (const [index, plan] of plans.entries()) {
        const thread = threads[index] as ReaderThread
        const found = await openThread(thread, plan, signal)
        const bound = plan.bind(found)
        unmetered.push(...(plan.unmetered?.(found) ?? []))
        open.push({ plan, thread, bound, first })
        first += bound.length
      }
      if (first === 0) throw new SensorError('SENSOR_ABSENT', 'no channel found')
      this.#open = open
      this.#unmetered = unmetered
      this.#fingerprint = fingerprintOf(plans)
      return open.flatMap(({ bound }) => bound.map(({ channel }) => channel))
    } catch (cause) {
      await Promise.all(threads.map((thread) => thread.close()))
      throw cause
    }
  }

  get unmetered(): readonly string[] {
    return this.#unmetered
  }

  drain(): readonly Sweep[] {
    return this.#open.flatMap((reader) => {
      const sweeps = reader.thread.drain().flatMap((raw) => sweepsOf(reader, raw))
      const sinceNs = reader.thread.inFlightSinceNs
      const nowNs = native.monotonicNs()
      return sinceNs > 0n && nowNs - sinceNs > deadlineNs(reader)
        ? [...sweeps, stuckSweep(reader, sinceNs, nowNs)]
        : sweeps
    })
  }

  async readNow(signal: AbortSignal): Promise<readonly Sweep[]> {
    return (await Promise.all(this.#open.map((reader) => readOnce(reader, signal)))).flat()
  }

  async changed(): Promise<boolean> {
    if (this.isOutdated) return true
    const { signal } = new AbortController()
    return fingerprintOf(await this.#discover(signal).catch(() => [])) !== this.#fingerprint
  }

  /** True when an open reader noticed by itself that it would find other channels now. */
  protected get isOutdated(): boolean {
    return this.#open.some(({ thread }) => thread.isOutdated)
  }

  protected get isOpen(): boolean {
    return this.#open.length > 0
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = []
    await Promise.all(open.map(({ thread }) => thread.close()))
  }
}

async function openThread(
  thread: ReaderThread,
  plan: ReaderPlan,
  signal: AbortSignal,
): Promise<readonly NativeChannel[]> {
  try {
    return await thread.open(plan.openTimeoutMs, signal)
  } catch (cause) {
    throw cause instanceof SensorError && plan.explain ? plan.explain(cause) : cause
  }
}

/** A reader that does not answer in time fails for its own channels, not for those of the others. */
async function readOnce(reader: OpenReader, signal: AbortSignal): Promise<readonly Sweep[]> {
  const askedNs = native.monotonicNs()
  try {
    return sweepsOf(reader, await reader.thread.readNow(reader.plan.deadlineMs, signal))
  } catch (cause) {
    if (!(cause instanceof SensorError && cause.code === 'SENSOR_TIMEOUT')) throw cause
    return [stuckSweep(reader, askedNs, native.monotonicNs())]
  }
}

/** Two discoveries are the same when they would open the same readers. What was found before decides nothing of that. */
function fingerprintOf(plans: readonly ReaderPlan[]): string {
  return JSON.stringify(
    plans.map(({ reader, topology }) => ({ reader, topology })),
    (key, value: unknown) => (key === 'known' ? undefined : typeof value === 'bigint' ? `${value}` : value),
  )
}

type Failure = Extract<Reading, { status: 'failed' }>

const deadlineNs = ({ plan }: OpenReader): bigint => BigInt(plan.deadlineMs) * NS_PER_MS

/** One pass, in as many pieces as what was not asked leaves of it. */
function sweepsOf(reader: OpenReader, raw: readonly RawReading[]): readonly Sweep[] {
  const pieces: { readonly first: number; readonly readings: Reading[] }[] = []
  raw.forEach((one, index) => {
    const reading = readingOf(reader, one, index)
    if (reading === null) return
    const last = pieces.at(-1)
    const at = reader.first + index
    if (last !== undefined && last.first + last.readings.length === at) last.readings.push(reading)
    else pieces.push({ first: at, readings: [reading] })
  })
  return pieces
}

function readingOf(reader: OpenReader, raw: RawReading, index: number): Reading | null {
  const { beforeNs, afterNs } = raw
  const bound = reader.bound[index]
  const value = 'code' in raw ? bound?.interpretFailure?.(raw.detail) : bound?.interpret(raw.value)
  if ('code' in raw && !value) {
    return failed(raw, sensorErrorCode(raw.code), reader.plan.describe?.(raw.detail) ?? `detail ${raw.detail}`)
  }
  if (afterNs - beforeNs > deadlineNs(reader))
    return failed(raw, 'SENSOR_TIMEOUT', 'the answer came after the deadline')
  if (!value) return failed(raw, 'SENSOR_CORRUPT', 'a value without a channel')
  if ('unasked' in value) return null
  if ('corrupt' in value) return failed(raw, 'SENSOR_CORRUPT', value.corrupt)
  if ('unavailable' in value) return failed(raw, 'SENSOR_TRANSIENT', value.unavailable)
  if ('powerUw' in value) return { status: 'power', beforeNs, afterNs, powerUw: value.powerUw }
  const { count } = value
  if (count >= LEAST_IMPOSSIBLE) return failed(raw, 'SENSOR_CORRUPT', `${count} is more than any meter has counted`)
  return { status: 'counter', beforeNs, afterNs, count }
}

function failed({ beforeNs, afterNs }: RawReading, code: Failure['code'], message: string): Failure {
  return { status: 'failed', beforeNs, afterNs, code, message }
}

/** What a reader that does not come back looks like: one failure per channel and drain, none of them a number. */
function stuckSweep(reader: OpenReader, beforeNs: bigint, afterNs: bigint): Sweep {
  const message = `no answer since ${(afterNs - beforeNs) / NS_PER_MS} ms`
  return {
    first: reader.first,
    readings: reader.bound.map(() => ({ status: 'failed', beforeNs, afterNs, code: 'SENSOR_TIMEOUT', message })),
  }
}
