import { digPath, type Json } from '../../io/answer.ts'
import { parseRfc3339Ms } from '../../io/rfc3339.ts'
import type { Channel } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import { parseDecimal } from '../../model/decimal.ts'
import type { Reading } from '../../model/reading.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { Freshness } from '../declared/freshness.ts'
import { DeclaredMeter, type Value } from '../declared/meter.ts'
import { UNITS } from '../declared/units.ts'
import { failureOf } from '../failure.ts'
import type { HttpInputSettings } from './schema.ts'

interface Stamp {
  readonly beforeNs: bigint
  readonly afterNs: bigint
}

/** One number in the answers of a device. */
export class HttpInput {
  readonly settings: HttpInputSettings
  readonly url: URL
  readonly #isMeter: boolean
  readonly #meter: DeclaredMeter
  readonly #freshness: Freshness

  /** @param isMeter whether it is, or belongs to, the meter of the whole machine */
  constructor(settings: HttpInputSettings, isMeter: boolean, clock: Clock) {
    this.settings = settings
    this.url = new URL(settings.url)
    this.#isMeter = isMeter
    this.#meter = new DeclaredMeter(settings)
    this.#freshness = new Freshness(clock)
  }

  /** Where it is, without a query, which may hold what nobody should see. */
  get place(): string {
    return `${this.url.host}${this.url.pathname} ${this.settings.value}`
  }

  get isFiner(): boolean {
    return this.#meter.isFiner
  }

  /** Its channel from now on. */
  channel(intervalMs: number): Channel {
    const { unit, time, max_age: maxAgeMs } = this.settings
    this.#freshness.forget()
    return this.#meter.channel({
      sensor: 'http',
      nodeMeter: this.#isMeter ? 'http' : null,
      // A counter is read when it was measured, which max_age bounds.
      intervalMs: UNITS[unit].kind === 'power' || time === null ? intervalMs : Math.max(intervalMs, maxAgeMs),
      facts: { path: this.place, unit, ...(time !== null && { time, maxAge: `${maxAgeMs / 1_000} s` }) },
    })
  }

  /** Throws a SensorError when there is no number in an answer. */
  probe(answer: Json): void {
    this.#value(answer, false)
  }

  /** Null for a counter that was not measured since the last reading, unless somebody asks. */
  read(answer: Json | SensorError, isAsked: boolean, stamp: Stamp): Reading | null {
    try {
      if (answer instanceof SensorError) throw answer
      const value = this.#value(answer, this.#isMeter)
      const isNew = this.settings.time === null || this.#freshness.isNew
      if (value.status === 'counter' && !isNew && !isAsked) return null
      this.#freshness.take()
      return { ...value, ...stamp }
    } catch (error) {
      if (!(error instanceof SensorError)) throw error
      return { status: 'failed', ...failureOf(error), ...stamp }
    }
  }

  #value(answer: Json, isLit: boolean): Value {
    const { value: path, time, max_age: maxAgeMs } = this.settings
    const found = digPath(answer, path)
    if (found === null) {
      const remedy = 'compare value of the entry in sensors.http.inputs with what the device answers: curl shows it'
      throw new SensorError('SENSOR_TRANSIENT', `${this.place}: no number is there`, { remedy })
    }
    if (time !== null) {
      const told = digPath(answer, time)
      if (typeof told !== 'string') throw new SensorError('SENSOR_TRANSIENT', `${this.place}: no time is at ${time}`)
      const ageMs = this.#freshness.lookMs(told, unixMsOf(told))
      if (ageMs > maxAgeMs) {
        throw new SensorError('SENSOR_TRANSIENT', `${this.place} was not measured for ${Math.round(ageMs / 1_000)} s`)
      }
    }
    const text = typeof found === 'string' ? found : JSON.stringify(found)
    return this.#meter.value(parseDecimal(text), { text, place: this.place, isLit })
  }
}

/** From here on a number is milliseconds: 5138 in seconds. */
const LEAST_MS = 1e11

/** NaN for a time whose zone, or clock, nobody knows. */
function unixMsOf(text: string): number {
  const number = parseDecimal(text)
  if (number === null) return parseRfc3339Ms(text)
  const told = Number(number.digits) / 10 ** number.decimals
  return told >= LEAST_MS ? told : told * 1_000
}
