import { setTimeout } from 'node:timers/promises'
import type { Channel } from '../model/channel.ts'
import type { Reading, Sweep } from '../model/reading.ts'
import { SensorError } from '../model/sensor-error.ts'
import { PolledSensor, type ReaderPlan } from '../native/polled-sensor.ts'
import { type Comparison, type CounterCheck, comparisonText, isBeyond } from './counter-check.ts'

/** A channel, and where its readings are among those of the readers. */
export interface Seat {
  readonly channel: Channel
  /** For people: `GPU 0 (NVIDIA H100)`. */
  readonly title: string
  /** Of several that tell the same the first that answers counts. */
  readonly at: readonly number[]
  /** Told of each pass over the readers' channels. */
  readonly onSweep?: (sweep: Sweep) => void
  /** For a counter that is watched beside a power. */
  readonly watch: { readonly witnessAt: number; readonly check: CounterCheck } | null
}

export interface WatchedOptions {
  discover(): Promise<readonly ReaderPlan[]>
  /** What is delivered of the readers' channels, in their order. */
  seats(channels: readonly Channel[]): readonly Seat[]
  /** What was found out about counters, by device; a sensor opened anew reads their power. */
  readonly distrusted: Map<string, Comparison>
  /** How long `open()` watches counters before it tells its channels, for whoever looks but once; 0 for the agent. */
  readonly firstLookMs: number
  /** See `Sensor.unmetered`. */
  unmetered(): readonly string[]
  /** See `Sensor.selfUj`. */
  selfUj?(): bigint
}

/** What of the watch no configuration says. */
export interface WatchOptions {
  /** How often an energy counter is compared with its power. Default 10 s. */
  readonly compareMs?: number
  /** How long it is watched before the sensor is open. Default 0: the readings tell. */
  readonly firstLookMs?: number
}

export const COMPARE_MS = 10_000
/** Both a counter and its power are new thirty times in it. */
const DOCTORS_LOOK_MS = 3_000

/** For the doctor, who looks but once. */
export function watchedAtOnce<S>(settings: S): { readonly label: string; readonly settings: S & WatchOptions }[] {
  return [{ label: '', settings: { ...settings, firstLookMs: DOCTORS_LOOK_MS, compareMs: DOCTORS_LOOK_MS / 2 } }]
}

/** A counter and its power are both new each time that they are looked at in a first look. */
const LOOK_MS = 100

const INSTEAD = 'its power counts instead while that lasts, as uncertain as the two differ'

/**
 * Cards, each once, whose energy counters are watched beside the integral of their power. One that cannot be right is failed
 * as corrupt until the sensor is opened anew, and then the power is read.
 */
export class WatchedSensor extends PolledSensor {
  readonly #options: WatchedOptions
  #seats: readonly Seat[] = []

  constructor(name: string, options: WatchedOptions) {
    super(name, () => options.discover())
    this.#options = options
  }

  override async open(signal: AbortSignal): Promise<readonly Channel[]> {
    this.#seats = []
    const seats = this.#options.seats(await super.open(signal))
    if (seats.length === 0) {
      await this.close()
      throw new SensorError('SENSOR_ABSENT', this.unmetered.join('; ') || 'no channel found')
    }
    this.#seats = seats
    if (this.#options.firstLookMs > 0) await this.#look(signal)
    return seats.map(({ channel, watch }) => {
      const { comparison } = watch?.check ?? {}
      return comparison ? { ...channel, facts: { ...channel.facts, check: verdictOf(comparison) } } : channel
    })
  }

  override get unmetered(): readonly string[] {
    const doubts = this.#seats.flatMap(({ channel, title, watch }) => {
      const doubt = this.#options.distrusted.get(channel.device) ?? watch?.check.comparison
      return doubt && isBeyond(doubt) ? `${title}: its energy counter made ${comparisonText(doubt)}; ${INSTEAD}` : []
    })
    return [...this.#options.unmetered(), ...doubts]
  }

  get selfUj(): bigint {
    return this.#options.selfUj?.() ?? 0n
  }

  override drain(): readonly Sweep[] {
    return super.drain().flatMap((sweep) => {
      this.#seats.forEach((seat) => {
        this.#watch(seat, sweep)
        seat.onSweep?.(sweep)
      })
      return this.#delivered(sweep)
    })
  }

  override async readNow(signal: AbortSignal): Promise<readonly Sweep[]> {
    return (await super.readNow(signal)).flatMap((sweep) => this.#delivered(sweep))
  }

  override async close(): Promise<void> {
    this.#seats = []
    await super.close()
  }

  protected override get isOutdated(): boolean {
    return super.isOutdated || this.#seats.some(({ watch }) => watch !== null && watch.check.disagreement !== null)
  }

  async #look(signal: AbortSignal): Promise<void> {
    const isWatched = this.#seats.some(({ watch }) => watch !== null)
    for (let looks = this.#options.firstLookMs / LOOK_MS; looks > 0 && isWatched; looks -= 1) {
      await setTimeout(LOOK_MS, undefined, { signal })
      await super.readNow(signal)
      this.drain()
    }
  }

  #watch({ channel, at, watch }: Seat, { first, readings }: Sweep): void {
    if (watch === null) return
    const counter = readings[(at[0] ?? -1) - first]
    const power = readings[watch.witnessAt - first]
    if (counter === undefined || power === undefined) return
    watch.check.observe(counter, power)
    const { disagreement } = watch.check
    if (disagreement !== null) this.#options.distrusted.set(channel.device, disagreement)
  }

  /** The seats of one reader lie beside each other. */
  #delivered({ first, readings }: Sweep): readonly Sweep[] {
    const isHere = ({ at }: Seat): boolean => {
      const place = at[0] ?? -1
      return place >= first && place < first + readings.length
    }
    const seats = this.#seats.filter(isHere)
    if (seats.length === 0) return []
    return [
      { first: this.#seats.findIndex(isHere), readings: seats.flatMap((seat) => told(seat, first, readings) ?? []) },
    ]
  }
}

function verdictOf(comparison: Comparison): string {
  const verdict = isBeyond(comparison) ? 'they disagree' : 'they agree'
  return `the energy counter made ${comparisonText(comparison)}: ${verdict}`
}

function told({ channel, at, watch }: Seat, first: number, readings: readonly Reading[]): Reading | undefined {
  const here = at.find((index) => readings[index - first]?.status === channel.kind) ?? at[0] ?? -1
  const reading = readings[here - first]
  const disagreement = watch?.check.disagreement
  if (reading === undefined || reading.status === 'failed' || !disagreement) return reading
  const { beforeNs, afterNs } = reading
  const message = `its energy counter made ${comparisonText(disagreement)}`
  return { status: 'failed', beforeNs, afterNs, code: 'SENSOR_CORRUPT', message }
}
