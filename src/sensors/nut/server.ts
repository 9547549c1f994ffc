import type { Channel } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import { parseDecimal, wholeParts } from '../../model/decimal.ts'
import type { Reading } from '../../model/reading.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { DeclaredMeter } from '../declared/meter.ts'
import { failureOf } from '../failure.ts'
import { mostTelling, type Refusal } from '../first-usable.ts'
import type { Remote } from '../remote-sensor.ts'
import type { NutConnection } from './connection.ts'
import type { NutInputSettings } from './schema.ts'
import { variableIn } from './variable.ts'

/** A supply is overloaded for moments, and takes in what its battery is charged with: one and a half of its rating. */
const MOST_OF_RATED_UW_PER_W = 1_500_000n

export interface NutInput {
  readonly settings: NutInputSettings
  /** Whether it is, or belongs to, the meter of the whole machine. */
  readonly isMeter: boolean
}

export interface NutServerOptions {
  readonly inputs: readonly NutInput[]
  readonly connection: Pick<NutConnection, 'ask' | 'close'>
  readonly intervalMs: number
  readonly clock: Pick<Clock, 'monotonicNs'>
}

/** One upsd and what it serves. */
export class NutServer implements Remote {
  readonly label: string
  readonly isOutdated = false
  readonly #options: NutServerOptions
  readonly #meters: readonly (NutInput & { readonly meter: DeclaredMeter; readonly place: string })[]

  constructor(label: string, options: NutServerOptions) {
    this.label = label
    this.#options = options
    this.#meters = options.inputs.map((input) => {
      const { ups, variable } = input.settings
      const meter = new DeclaredMeter({ ...input.settings, unit: 'W', hardware: null })
      return { ...input, meter, place: `${ups}@${label} ${variable}` }
    })
  }

  channels(): readonly Channel[] {
    const { intervalMs } = this.#options
    return this.#meters.map(({ settings: { variable }, isMeter, meter, place: path }) =>
      meter.channel({
        sensor: 'nut',
        nodeMeter: isMeter ? 'nut' : null,
        intervalMs,
        facts: { path, variable, unit: 'W' },
      }),
    )
  }

  /** One supply is enough: the others fail for themselves until they can be read. */
  async find(signal: AbortSignal): Promise<void> {
    const refusals: Refusal[] = []
    for (const { settings, meter, place } of this.#meters) {
      try {
        await this.#refuseSwapped(settings, signal)
        await this.#ask(settings.ups, settings.variable, signal)
        const ratedUw = await this.#mostOf(settings.ups, signal)
        if (ratedUw !== null) meter.bound(ratedUw)
      } catch (error) {
        if (!(error instanceof SensorError) || signal.aborted) throw error
        refusals.push({ label: place, error })
      }
    }
    if (refusals.length === this.#meters.length) throw mostTelling(this.label, refusals)
  }

  async read(_isAsked: boolean, signal: AbortSignal): Promise<readonly Reading[]> {
    const readings: Reading[] = []
    for (const { settings, isMeter: isLit, meter, place } of this.#meters) {
      const beforeNs = this.#options.clock.monotonicNs()
      try {
        const text = await this.#ask(settings.ups, settings.variable, signal)
        const value = meter.value(parseDecimal(text), { text, place, isLit })
        readings.push({ ...value, beforeNs, afterNs: this.#options.clock.monotonicNs() })
      } catch (error) {
        if (!(error instanceof SensorError) || signal.aborted) throw error
        const afterNs = this.#options.clock.monotonicNs()
        readings.push({ status: 'failed', ...failureOf(error), beforeNs, afterNs })
        // Who does not answer is not asked for the rest.
        if (error.code === 'SENSOR_TIMEOUT') throw error
      }
    }
    return readings
  }

  close(): void {
    this.#options.connection.close()
  }

  async #ask(ups: string, variable: string, signal: AbortSignal): Promise<string> {
    return variableIn(await this.#options.connection.ask(`GET VAR ${ups} ${variable}`, signal), ups, variable)
  }

  /** Empty for a variable that it does not have. */
  #told(ups: string, variable: string, signal: AbortSignal): Promise<string> {
    return this.#ask(ups, variable, signal).catch((error: unknown) => {
      if (error instanceof SensorError && error.code === 'SENSOR_ABSENT') return ''
      throw error
    })
  }

  /** What a supply can tell at most; null where its rating is none: it is read all the same. */
  async #mostOf(ups: string, signal: AbortSignal): Promise<bigint | null> {
    try {
      const rated = parseDecimal(await this.#told(ups, 'ups.realpower.nominal', signal))
      return rated !== null && rated.digits > 0n ? wholeParts(rated, MOST_OF_RATED_UW_PER_W) : null
    } catch (error) {
      if (error instanceof SensorError && error.code === 'SENSOR_CORRUPT') return null
      throw error
    }
  }

  /** NUT's table of Raritan's second generation names the watts of an outlet its volt-amperes, and the reverse. */
  async #refuseSwapped({ ups, variable }: NutInputSettings, signal: AbortSignal): Promise<void> {
    if (!variable.startsWith('outlet.')) return
    const maker = await this.#told(ups, 'device.mfr', signal)
    if (!/raritan/i.test(maker)) return
    throw new SensorError('SENSOR_CORRUPT', `${ups} ${variable}: NUT takes a Raritan outlet's volt-amperes for watts`, {
      remedy: 'name the outlet in sensors.pdu.outlets',
    })
  }
}
