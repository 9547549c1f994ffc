import type { Channel } from '../model/channel.ts'
import type { Sweep } from '../model/reading.ts'
import type { Sensor } from '../model/sensor.ts'
import { SensorError, type SensorErrorCode } from '../model/sensor-error.ts'

/** A way to read the same channels, with its name for messages. */
export interface Way {
  readonly label: string
  readonly sensor: Sensor
}

/** The most telling first: hardware that is there and refused says more than hardware that is not there. */
const TELLING: readonly SensorErrorCode[] = [
  'SENSOR_PERMISSION',
  'SENSOR_TRANSIENT',
  'SENSOR_TIMEOUT',
  'SENSOR_CORRUPT',
  'SENSOR_CLOSED',
  'SENSOR_ABSENT',
]

/** Several ways to the same hardware in order of preference: each `open()` takes the first that opens. */
export class FirstUsable implements Sensor {
  readonly name: string
  readonly isQuick: boolean
  readonly #ways: readonly Way[]
  #active: Sensor | undefined

  constructor(name: string, ways: readonly Way[]) {
    this.name = name
    this.isQuick = ways.every(({ sensor }) => sensor.isQuick)
    this.#ways = ways
  }

  async open(signal: AbortSignal): Promise<readonly Channel[]> {
    await this.close()
    const refusals: Refusal[] = []
    for (const { label, sensor } of this.#ways) {
      try {
        const channels = await sensor.open(signal)
        this.#active = sensor
        return channels
      } catch (cause) {
        if (!(cause instanceof SensorError)) throw cause
        refusals.push({ label, error: cause })
      }
    }
    throw mostTelling(this.name, refusals)
  }

  get unmetered(): readonly string[] {
    return this.#active?.unmetered ?? []
  }

  drain(): readonly Sweep[] {
    return this.#active?.drain() ?? []
  }

  async readNow(signal: AbortSignal): Promise<readonly Sweep[]> {
    return this.#active?.readNow(signal) ?? []
  }

  async changed(): Promise<boolean> {
    return this.#active?.changed() ?? true
  }

  async close(): Promise<void> {
    this.#active = undefined
    await Promise.all(this.#ways.map(({ sensor }) => sensor.close()))
  }
}

/** Why one way, or one of several places, cannot be read. */
export interface Refusal {
  /** Its name for messages. */
  readonly label: string
  readonly error: SensorError
}

/** One error for all ways: the most telling one, with what can be done about each that is as telling. */
export function mostTelling(name: string, refusals: readonly Refusal[]): SensorError {
  const rank = ({ error }: Refusal): number => TELLING.indexOf(error.code)
  const first = [...refusals].sort((a, b) => rank(a) - rank(b))[0]
  if (first === undefined) return new SensorError('SENSOR_ABSENT', `${name}: no way to read it`)
  const equals = refusals.filter(({ error }) => error.code === first.error.code)
  const { retryAfterMs } = first.error
  const remedies = equals.flatMap(({ label, error }) => (error.remedy ? [`${label}: ${error.remedy}`] : []))
  return new SensorError(first.error.code, first.error.message, {
    cause: first.error,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(remedies.length > 0 && { remedy: remedies.join('\nor ') }),
  })
}
