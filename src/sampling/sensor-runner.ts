import { settledWithin } from '../io/patience.ts'
import { most } from '../model/bigint.ts'
import { type Channel, type ChannelKey, channelKey } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import type { Logger } from '../model/logger.ts'
import type { Sensor } from '../model/sensor.ts'
import { SensorError } from '../model/sensor-error.ts'
import type { SensorSnapshot } from '../model/snapshot.ts'
import type { ToldParts } from '../model/told-parts.ts'
import { NS_PER_MS, NS_PER_S } from '../model/units.ts'
import { BackOff } from './back-off.ts'
import { CorruptChannels } from './corrupt-channels.ts'
import { SensorHealth } from './sensor-health.ts'
import { SensorNews } from './sensor-news.ts'
import type { ReadingSink } from './sink.ts'

/** One and the same, so that nothing changes while there is nothing. */
const NONE: readonly Channel[] = []

/** Hot-plug is looked for this often. */
const RESCAN_NS = 60n * NS_PER_S
/** After this many sweeps in which nothing could be read the hardware is looked for anew. */
const LOST_SWEEPS = 5
/** A sensor with a channel whose readings cannot be true is opened anew this often: what bounds them is read again. */
const MEND_NS = 600n * NS_PER_S
/** How long a closing sensor is waited for that is looking for hardware: what hangs there may hang for ever. */
const CLOSE_PATIENCE_MS = 2_000

/** Keeps one sensor open and its readings flowing: opens, drains, notices that hardware went or came, backs off. */
export class SensorRunner {
  readonly #sensor: Sensor
  readonly #sink: ReadingSink
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #news: SensorNews
  readonly #health = new SensorHealth()
  readonly #corrupt = new CorruptChannels()
  readonly #backOff = new BackOff()
  readonly #abort = new AbortController()
  #channels = NONE
  /** Of the channels. */
  #keys: readonly ChannelKey[] = []
  #work: Promise<void> | null = null
  #isOpen = false
  /** The last look for hardware failed. */
  #isBlind = false
  #retryAtNs = 0n
  #rescanAtNs = 0n
  #mendAtNs = 0n
  #told: ToldParts | null = null

  constructor(sensor: Sensor, sink: ReadingSink, clock: Clock, logger: Logger) {
    this.#sensor = sensor
    this.#sink = sink
    this.#clock = clock
    this.#logger = logger
    this.#news = new SensorNews(sensor.name, sink, logger, clock)
  }

  get name(): string {
    return this.#sensor.name
  }

  /** Parts of the machine that it has told of since this was last asked; null for nothing new. */
  takeTold(): ToldParts | null {
    const told = this.#sensor.told ?? null
    if (told === this.#told) return null
    this.#told = told
    return told
  }

  /** Those of the open sensor. */
  get channels(): readonly Channel[] {
    return this.#channels
  }

  /** Nothing is amiss with it: it reads all that it found, or this machine does not have it. */
  get isCalm(): boolean {
    if (this.#work !== null) return false
    if (!this.#isOpen) return this.#news.isAbsent
    return this.#health.failedSweeps === 0 && this.#corrupt.keys.length === 0
  }

  get isMissing(): boolean {
    return this.#news.isMissing
  }

  /** It has what this machine has for it, be that nothing. */
  get isSettled(): boolean {
    return this.#work === null && (this.#isOpen || this.#news.isAbsent)
  }

  /** What waits for longer is not read in time: see `Sensor`. */
  get drainedEachMs(): number {
    return this.#isOpen ? (this.#sensor.drainedEachMs ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
  }

  /** Opens the sensor for the first time. Resolves also when that fails; the error is returned. */
  async open(signal: AbortSignal): Promise<SensorError | null> {
    let failure: SensorError | null = null
    const opening = this.#open(AbortSignal.any([signal, this.#abort.signal])).then((error) => {
      failure = error
    })
    this.#begin(opening)
    await this.#work
    return failure
  }

  /** Asks a quick sensor for readings out of turn; the next poll drains them. Resolves when they are there, or at the abort. */
  async readNow(signal: AbortSignal): Promise<void> {
    if (!this.#isOpen || !this.#sensor.isQuick) return
    // A reading that does not come is one that `drain()` tells of.
    await this.#sensor.readNow(signal).catch(() => [])
  }

  /** Called each second, or each few. Returns at once. */
  poll(): void {
    const nowNs = this.#clock.monotonicNs()
    this.#news.tick()
    if (this.#isOpen) this.#drain()
    if (this.#work !== null || this.#abort.signal.aborted) return
    if (!this.#isOpen) {
      if (nowNs >= this.#retryAtNs) this.#begin(this.#open())
    } else if (this.#corrupt.keys.length > 0 && nowNs >= this.#mendAtNs) {
      this.#mendAtNs = nowNs + MEND_NS
      this.#begin(this.#reopen())
    } else if (this.#health.failedSweeps >= LOST_SWEEPS || nowNs >= this.#rescanAtNs) {
      this.#begin(this.#rescan())
    }
  }

  async close(): Promise<void> {
    this.#abort.abort()
    if (this.#work !== null) await settledWithin(this.#work, CLOSE_PATIENCE_MS)
    if (this.#isOpen) this.#drain()
    this.#isOpen = false
    this.#news.tick(true)
    await this.#sensor.close()
  }

  /** Null for hardware that this machine does not have. */
  get snapshot(): SensorSnapshot | null {
    const { lastGoodNs, failures, readSeconds } = this.#health
    if (!this.#isOpen && !this.#news.isUnavailable && lastGoodNs === null) return null
    if (this.#news.isAbsent && lastGoodNs === null) return null
    const ageNs = lastGoodNs === null ? null : this.#clock.monotonicNs() - lastGoodNs
    return {
      name: this.name,
      up: this.#isOpen && ageNs !== null && ageNs <= this.#patienceNs,
      lastReadingUnixMs: ageNs === null ? null : this.#clock.unixMs() - Number(ageNs / NS_PER_MS),
      failures,
      corruptChannels: this.#corrupt.keys,
      readSeconds,
    }
  }

  get #patienceNs(): bigint {
    const longest = this.#channels.reduce((ns, { intervalNs }) => most(ns, intervalNs), 0n)
    return 3n * longest + NS_PER_S
  }

  #begin(work: Promise<unknown>): void {
    this.#work = work.then(() => {
      this.#work = null
    })
  }

  async #open(signal = this.#abort.signal): Promise<SensorError | null> {
    try {
      const before = this.#channels
      this.#channels = await this.#sensor.open(signal)
      this.#isOpen = true
      this.#news.gone(before, this.#channels)
      this.#rescanAtNs = this.#clock.monotonicNs() + RESCAN_NS
      this.#health.reopened()
      this.#backOff.reset()
      this.#keys = this.#channels.map(channelKey)
      this.#corrupt.keep(this.#keys)
      this.#sink.setChannels(this.name, this.#channels)
      this.#news.opened(this.#channels, this.#sensor.unmetered ?? [])
      return null
    } catch (cause) {
      const error = cause instanceof SensorError ? cause : new SensorError('SENSOR_TRANSIENT', String(cause), { cause })
      this.#isOpen = false
      this.#channels = NONE
      this.#keys = []
      this.#sink.setChannels(this.name, [])
      this.#retryAtNs = this.#clock.monotonicNs() + BigInt(this.#backOff.delayMs(error)) * NS_PER_MS
      if (!signal.aborted) {
        if (error.code !== 'SENSOR_ABSENT') this.#health.fail(error.code)
        this.#news.unavailable(error)
      }
      return error
    }
  }

  async #rescan(): Promise<void> {
    this.#rescanAtNs = this.#clock.monotonicNs() + RESCAN_NS
    const isLost = this.#health.failedSweeps >= LOST_SWEEPS
    const hasChanged = await this.#hasChanged()
    if (!hasChanged && isLost) {
      const { lastFailure } = this.#health
      if (lastFailure !== null) this.#news.silent(lastFailure)
      this.#health.reopened()
    }
    if (hasChanged) await this.#reopen()
  }

  async #reopen(): Promise<void> {
    if (this.#abort.signal.aborted) return
    this.#drain()
    this.#isOpen = false
    await this.#open()
  }

  /** A look that fails is repeated in its time; the readings go on. */
  async #hasChanged(): Promise<boolean> {
    try {
      const hasChanged = await this.#sensor.changed()
      this.#isBlind = false
      return hasChanged
    } catch (cause) {
      const fields = { event: 'rescan_failed', sensor: this.name, err: cause }
      if (!this.#isBlind) this.#logger.warn(fields, `${this.name}: cannot look for hardware: ${String(cause)}`)
      this.#isBlind = true
      return false
    }
  }

  #drain(): void {
    const sweeps = this.#sensor.drain()
    const heardNs = this.#health.lastGoodNs
    for (const sweep of sweeps) this.#health.observe(sweep)
    if (this.#health.lastGoodNs !== heardNs) this.#news.heard()
    const rejected = [...this.#sink.accept(this.name, sweeps)]
    rejected.forEach(({ key, message }) => {
      this.#health.fail('SENSOR_CORRUPT')
      this.#logger.debug({ event: 'reading_corrupt', channel: key, code: 'SENSOR_CORRUPT' }, message)
    })
    const good = this.#keys.map(() => 0)
    sweeps.forEach(({ first, readings }) => {
      readings.forEach((reading, index) => {
        const key = this.#keys[first + index]
        if (key === undefined) return
        if (reading.status !== 'failed') good[first + index] = (good[first + index] ?? 0) + 1
        else {
          const { code, message } = reading
          this.#logger.debug({ event: 'reading_failed', sensor: this.name, channel: key, code }, message)
          if (code === 'SENSOR_CORRUPT') rejected.push({ key, message })
        }
      })
    })
    const rejectedOf = rejected.length === 0 ? null : Map.groupBy(rejected, ({ key }) => key)
    this.#keys.forEach((key, index) => {
      const reasons = rejectedOf?.get(key) ?? []
      const change = this.#corrupt.observe(key, good[index] ?? 0, reasons.length)
      if (change !== null) this.#news.corrupt(key, change, reasons.at(-1)?.message ?? '')
    })
  }
}
