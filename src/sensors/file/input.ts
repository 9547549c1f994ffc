import type { Channel } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import type { Reading } from '../../model/reading.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { parseDecimal } from '../decimal.ts'
import { Freshness } from '../declared/freshness.ts'
import { DeclaredMeter, type Value } from '../declared/meter.ts'
import { UNITS } from '../declared/units.ts'
import { failureOf } from '../failure.ts'
import type { FileInputSettings } from './schema.ts'
import { readFirstLine } from './text.ts'

/** One file with a number. */
export class FileInput {
  readonly #settings: FileInputSettings
  readonly #isMeter: boolean
  readonly #clock: Clock
  readonly #meter: DeclaredMeter
  readonly #freshness: Freshness

  /** @param isMeter whether it is, or belongs to, the meter of the whole machine */
  constructor(settings: FileInputSettings, isMeter: boolean, clock: Clock) {
    this.#settings = settings
    this.#isMeter = isMeter
    this.#clock = clock
    this.#meter = new DeclaredMeter(settings)
    this.#freshness = new Freshness(clock)
  }

  get path(): string {
    return this.#settings.path
  }

  /** Whether it now tells more decimals than its channel counts. */
  get isFiner(): boolean {
    return this.#meter.isFiner
  }

  /** Throws a SensorError when there is nothing to read. */
  probe(): void {
    this.#value(false)
  }

  /** Its channel from now on. */
  channel(intervalMs: number): Channel {
    const { path, unit, max_age: maxAgeMs } = this.#settings
    this.#freshness.forget()
    return this.#meter.channel({
      sensor: 'file',
      nodeMeter: this.#isMeter ? 'file' : null,
      // A counter is read when it was written, which max_age bounds.
      intervalMs: UNITS[unit].kind === 'power' ? intervalMs : Math.max(intervalMs, maxAgeMs),
      facts: { path, unit, maxAge: `${maxAgeMs / 1_000} s` },
    })
  }

  /** Null for a counter that was not written since the last reading, unless somebody asks. */
  read(isAsked: boolean): Reading | null {
    const beforeNs = this.#clock.monotonicNs()
    const value = this.#attempt()
    const afterNs = this.#clock.monotonicNs()
    if (value.status === 'counter' && !this.#freshness.isNew && !isAsked) return null
    this.#freshness.take()
    return { ...value, beforeNs, afterNs }
  }

  #attempt() {
    try {
      return this.#value(this.#isMeter)
    } catch (error) {
      if (!(error instanceof SensorError)) throw error
      return { status: 'failed', ...failureOf(error) } as const
    }
  }

  #value(isLit: boolean): Value {
    const { path, max_age: maxAgeMs } = this.#settings
    const { text, writtenUnixMs, stamp } = readFirstLine(path)
    const ageMs = this.#freshness.lookMs(stamp, writtenUnixMs)
    if (ageMs <= maxAgeMs) return this.#meter.value(parseDecimal(text), { text, place: path, isLit })
    throw new SensorError('SENSOR_TRANSIENT', `${path} was not written for ${Math.round(ageMs / 1_000)} s`)
  }
}
