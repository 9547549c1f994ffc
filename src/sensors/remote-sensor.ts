import type { Channel } from '../model/channel.ts'
import type { Reading, Sweep } from '../model/reading.ts'
import type { Sensor } from '../model/sensor.ts'
import { SensorError } from '../model/sensor-error.ts'
import { failureOf } from './failure.ts'
import { mostTelling, type Refusal } from './first-usable.ts'
import { follow, type Pace } from './pace.ts'

/** What is read together over the network: a plug, a UPS's server, a rack's outlets. One request of it is under way at most. */
export interface Remote {
  /** Its name for messages. */
  readonly label: string
  /** Whether its channels would now be others. */
  readonly isOutdated: boolean
  /** Learns what there is to read. Rejects with a SensorError, or with the reason of the signal. */
  find(signal: AbortSignal): Promise<void>
  /**
   * Its channels from now on, always as many: those of which nothing is known yet are powers, or counters that are not
   * identified.
   */
  channels(): readonly Channel[]
  /** One for each channel, in their order; null where nothing is new, which `isAsked` rules out. Rejects as `find`. */
  read(isAsked: boolean, signal: AbortSignal): Promise<readonly (Reading | null)[]>
  close(): void
}

/** One remote while the sensor is open. */
interface Place {
  readonly remote: Remote
  /** Its first channel. */
  readonly first: number
  readonly width: number
  isFound: boolean
  /** Passes follow each other, whoever asks for them. */
  last: Promise<unknown>
}

export interface RemoteSensorOptions extends Pace {
  readonly name: string
  readonly remotes: readonly Remote[]
  /** What to tell whose configuration names none. */
  readonly none: string
}

/** Meters behind a network, each read in the background at its own pace: one that hangs costs no other anything. */
export class RemoteSensor implements Sensor {
  readonly name: string
  readonly isQuick = false
  readonly #options: RemoteSensorOptions
  #places: readonly Place[] = []
  #end: AbortController | null = null
  #hasAppeared = false
  #undelivered: Sweep[] = []

  constructor(options: RemoteSensorOptions) {
    this.name = options.name
    this.#options = options
  }

  /** One that can be read is enough: the others fail for themselves until they can. */
  async open(signal: AbortSignal): Promise<readonly Channel[]> {
    await this.close()
    signal.throwIfAborted()
    const { remotes, none } = this.#options
    if (remotes.length === 0) throw new SensorError('SENSOR_ABSENT', none, { isUnconfigured: true })
    const end = new AbortController()
    this.#end = end
    const either = AbortSignal.any([signal, end.signal])
    try {
      const refusals = await Promise.all(remotes.map((remote) => refusalOf(remote, either)))
      either.throwIfAborted()
      const refused = refusals.filter((refusal) => refusal !== null)
      if (refused.length === remotes.length) throw mostTelling(this.name, refused)
      const channels: Channel[] = []
      this.#places = remotes.map((remote, index) => {
        const own = remote.channels()
        const first = channels.push(...own) - own.length
        return { remote, first, width: own.length, isFound: refusals[index] === null, last: Promise.resolve() }
      })
      this.#hasAppeared = false
      for (const place of this.#places) void this.#follow(place, end.signal)
      return channels
    } catch (error) {
      for (const remote of remotes) remote.close()
      throw error
    }
  }

  drain(): readonly Sweep[] {
    return this.#undelivered.splice(0)
  }

  async readNow(signal: AbortSignal): Promise<readonly Sweep[]> {
    const end = this.#end
    if (end === null || this.#places.length === 0) throw new SensorError('SENSOR_CLOSED', `${this.name} is closed`)
    const either = AbortSignal.any([signal, end.signal])
    return (await Promise.all(this.#places.map((place) => this.#take(place, true, either)))).flat()
  }

  async changed(): Promise<boolean> {
    return this.#places.length === 0 || this.#hasAppeared || this.#places.some(({ remote }) => remote.isOutdated)
  }

  async close(): Promise<void> {
    this.#end?.abort(new SensorError('SENSOR_CLOSED', `${this.name} is closed`))
    this.#end = null
    for (const { remote } of this.#places) remote.close()
    this.#places = []
    this.#undelivered = []
  }

  #follow(place: Place, ended: AbortSignal): Promise<void> {
    const pass = async (): Promise<number> => {
      await this.#take(place, false, ended)
      return 0
    }
    return follow(pass, this.#options, ended)
  }

  async #take(place: Place, isAsked: boolean, signal: AbortSignal): Promise<readonly Sweep[]> {
    const turn = place.last.then(() => this.#read(place, isAsked, signal))
    place.last = turn.catch(() => {})
    const sweeps = await turn
    if (this.#places.includes(place)) this.#undelivered.push(...sweeps)
    return sweeps
  }

  async #read(place: Place, isAsked: boolean, signal: AbortSignal): Promise<readonly Sweep[]> {
    signal.throwIfAborted()
    const { remote, first, width } = place
    const beforeNs = this.#options.clock.monotonicNs()
    try {
      if (!place.isFound) {
        await remote.find(signal)
        place.isFound = true
        this.#hasAppeared = true
      }
      const readings = await remote.read(isAsked, signal)
      return readings.flatMap((one, at) => (one === null ? [] : [{ first: first + at, readings: [one] }]))
    } catch (error) {
      signal.throwIfAborted()
      const failed = {
        status: 'failed',
        ...failureOf(known(error)),
        beforeNs,
        afterNs: this.#options.clock.monotonicNs(),
      } as const
      return [{ first, readings: new Array<Reading>(width).fill(failed) }]
    }
  }
}

async function refusalOf(remote: Remote, signal: AbortSignal): Promise<Refusal | null> {
  try {
    await remote.find(signal)
    return null
  } catch (error) {
    signal.throwIfAborted()
    return { label: remote.label, error: known(error) }
  }
}

/** Whatever a far end makes a library throw costs its own readings alone. */
const known = (error: unknown): SensorError =>
  error instanceof SensorError ? error : new SensorError('SENSOR_TRANSIENT', String(error), { cause: error })
