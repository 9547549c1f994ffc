import type { Channel } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Logger } from '../model/logger.ts'
import type { Sensor } from '../model/sensor.ts'
import { SensorError } from '../model/sensor-error.ts'
import type { SensorSnapshot } from '../model/snapshot.ts'
import { SparingNews } from '../model/sparing-news.ts'
import type { ToldParts } from '../model/told-parts.ts'
import { NS_PER_S } from '../model/units.ts'
import { SensorRunner } from './sensor-runner.ts'
import type { ReadingSink } from './sink.ts'

const TICK_MS = 1_000
/**
 * Threads keep what they read, and what is shown is read when somebody looks: while nothing is amiss the passes are
 * further apart, since most of what one costs is that the processor was asleep.
 */
const CALM_TICK_MS = 5_000
/** Not at once: what an earlier run left is bridged first, and a process that dies young must have kept that. */
const HURRIED_NS = 60n * NS_PER_S
/** The node account does not wait longer than this for a sensor that is slow to open. */
const FIRST_OPEN_MS = 30_000
/** Somebody who looks waits no longer for readings out of turn. */
const RENEWAL_MS = 20
/** The event loop counts as stuck when it has not drained the sensors for so long. */
const PROGRESS_NS = 10n * NS_PER_S

export interface ConfiguredSensor {
  readonly sensor: Sensor
  /** `enabled: true`: its absence is an error of the start. */
  readonly required: boolean
}

/** An event, and a sentence for a person. */
export interface Remark {
  readonly event: string
  readonly text: string
}

export interface SamplerOptions {
  readonly sensors: readonly ConfiguredSensor[]
  readonly sink: ReadingSink
  readonly clock: Clock
  readonly logger: Logger
  /** What is amiss with the channels of all sensors together. */
  readonly remarks: (channels: readonly Channel[]) => readonly Remark[]
  /** Takes what a sensor tells of the machine's parts, each time that it was asked anew. Default: nobody does. */
  readonly onTold?: (told: ToldParts) => void
}

/** Drains every sensor each second, or each few while all is well. The reading itself is done by the sensors' own threads, on their own time. */
export class Sampler implements Component {
  readonly name = 'sampling'
  readonly #options: SamplerOptions
  readonly #runners: readonly SensorRunner[]
  #timer: NodeJS.Timeout | undefined
  #tickMs = TICK_MS
  #release: NodeJS.Timeout | undefined
  #lastTickNs: bigint | null = null
  #hurriedUntilNs = 0n
  readonly #sparing = new SparingNews()
  /** What was amiss when that was last looked for, and with which channels. */
  #amiss: ReadonlySet<string> = new Set()
  #lookedAt: readonly (readonly Channel[])[] | null = null

  constructor(options: SamplerOptions) {
    this.#options = options
    const { sink, clock, logger } = options
    this.#runners = options.sensors.map(({ sensor }) => new SensorRunner(sensor, sink, clock, logger))
  }

  /** Resolves when the required sensors are open; the others go on opening behind it. */
  async start(signal: AbortSignal): Promise<void> {
    const { sensors, sink, clock } = this.#options
    const opening = this.#runners.map((runner) => runner.open(signal))
    // Not when it is the stop that ended the wait: what was not settled can still be bridged by the next start.
    const release = () => {
      if (this.#release === undefined || signal.aborted) return
      clearTimeout(this.#release)
      this.#release = undefined
      this.#hurriedUntilNs = clock.monotonicNs() + HURRIED_NS
      sink.openAccount()
      this.#tellMissing()
      this.#remark()
    }
    this.#release = setTimeout(release, FIRST_OPEN_MS)
    void Promise.all(opening).then(release)
    this.#timer = setInterval(() => this.#tickOnTime(), TICK_MS)
    for (const [index, { sensor, required }] of sensors.entries()) {
      if (!required) continue
      const error = await opening[index]
      signal.throwIfAborted()
      if (error)
        throw new SensorError(error.code, `sensors.${sensor.name}.enabled is true, but ${error.message}`, {
          cause: error,
        })
    }
  }

  /** One pass with readings that are as young as can be had without waiting for slow hardware. */
  async renew(): Promise<void> {
    // One that ends with the readings: `AbortSignal.timeout` would wake the process for nobody.
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(), RENEWAL_MS)
    await Promise.all(this.#runners.map((runner) => runner.readNow(patience.signal)))
    clearTimeout(timer)
    if (this.#timer === undefined) return
    this.tick()
    if (this.#tickMs > TICK_MS) this.#timer.refresh()
  }

  #tickOnTime(): void {
    this.tick()
    const tickMs = this.#pauseMs
    if (tickMs === this.#tickMs) return
    clearInterval(this.#timer)
    this.#tickMs = tickMs
    this.#timer = setInterval(() => this.#tickOnTime(), tickMs)
  }

  get #pauseMs(): number {
    const isHurried = this.#release !== undefined || this.#options.clock.monotonicNs() < this.#hurriedUntilNs
    if (isHurried || !this.#runners.every(({ isCalm }) => isCalm)) return TICK_MS
    return Math.max(TICK_MS, Math.min(CALM_TICK_MS, ...this.#runners.map(({ drainedEachMs }) => drainedEachMs)))
  }

  #tellMissing(): void {
    const sensors = this.#runners.filter(({ isMissing }) => isMissing).map(({ name }) => name)
    if (sensors.length === 0) return
    const text = `not on this machine: ${sensors.join(', ')}; wattledger doctor tells why`
    this.#options.logger.info({ event: 'sensors_absent', sensors }, text)
  }

  /** Says what is amiss and was not before. */
  #remark(): void {
    const { sink, logger, clock, remarks } = this.#options
    this.#lookedAt = this.#runners.map(({ channels }) => channels)
    const found = remarks(this.#lookedAt.flat())
    const before = this.#amiss
    this.#amiss = new Set(found.map(({ text }) => text))
    for (const { event, text } of found) {
      if (before.has(text)) continue
      this.#sparing.say(text, clock.monotonicNs(), (more) => {
        if (!this.#amiss.has(text)) return
        logger.warn({ event }, `${text}${more}`)
        sink.note(event, `${text}${more}`)
      })
    }
  }

  /** Hardware came or went, and no sensor is about to find it again. */
  get #hasOtherChannels(): boolean {
    const before = this.#lookedAt
    if (before === null || !this.#runners.every(({ isSettled }) => isSettled)) return false
    return this.#runners.some(({ channels }, index) => channels !== before[index])
  }

  /** One pass over all sensors. */
  tick(): void {
    for (const runner of this.#runners) {
      runner.poll()
      const told = runner.takeTold()
      if (told !== null) this.#options.onTold?.(told)
    }
    if (this.#hasOtherChannels) this.#remark()
    this.#options.sink.tick()
    this.#lastTickNs = this.#options.clock.monotonicNs()
    this.#sparing.tick(this.#lastTickNs)
  }

  /** False while the passes do not happen. Dead sensors do not count: they are reported, not a reason to restart. */
  get isProgressing(): boolean {
    return this.#lastTickNs !== null && this.#options.clock.monotonicNs() - this.#lastTickNs < PROGRESS_NS
  }

  get snapshots(): SensorSnapshot[] {
    return this.#runners.flatMap(({ snapshot }) => snapshot ?? [])
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    clearTimeout(this.#release)
    this.#release = undefined
    await Promise.all(this.#runners.map((runner) => runner.close()))
    if (this.#lastTickNs !== null) this.#options.sink.tick()
  }
}
