import { AnswerError, type Json, parseJsonExactly } from '../../io/answer.ts'
import { challengedGet } from '../../io/challenged-get.ts'
import { HttpError, type HttpGet } from '../../io/http.ts'
import type { Channel } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import type { Reading } from '../../model/reading.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { secretIn } from '../declared/secret.ts'
import { mostTelling, type Refusal } from '../first-usable.ts'
import type { Remote } from '../remote-sensor.ts'
import type { HttpInput } from './input.ts'

/** What is asked for with one request. */
interface Page {
  readonly url: URL
  readonly get: HttpGet
  readonly inputs: readonly HttpInput[]
}

export interface HostOptions {
  readonly inputs: readonly HttpInput[]
  readonly get: HttpGet
  readonly intervalMs: number
  readonly clock: Pick<Clock, 'monotonicNs'>
}

/** One device, whose pages are read one after the other. */
export class HttpHost implements Remote {
  readonly label: string
  readonly #options: HostOptions
  readonly #pages: readonly Page[]

  constructor(label: string, options: HostOptions) {
    this.label = label
    this.#options = options
    const ofOne = Map.groupBy(options.inputs, ({ settings: { url, username, password_file: file } }) =>
      JSON.stringify([url, username, file]),
    )
    this.#pages = [...ofOne.values()].map((inputs) => pageOf(inputs, options.get))
  }

  get isOutdated(): boolean {
    return this.#options.inputs.some(({ isFiner }) => isFiner)
  }

  /** One number is enough: the others fail for themselves until they can be read. */
  async find(signal: AbortSignal): Promise<void> {
    const refusals: Refusal[] = []
    for (const { inputs, answer } of await this.#ask(signal)) {
      for (const input of inputs) {
        const error = refusalOf(input, answer)
        if (error !== null) refusals.push({ label: input.place, error })
      }
    }
    if (refusals.length === this.#options.inputs.length) throw mostTelling(this.label, refusals)
  }

  channels(): readonly Channel[] {
    return this.#options.inputs.map((input) => input.channel(this.#options.intervalMs))
  }

  async read(isAsked: boolean, signal: AbortSignal): Promise<readonly (Reading | null)[]> {
    const readings = new Map<HttpInput, Reading | null>()
    for (const { inputs, answer, beforeNs, afterNs } of await this.#ask(signal)) {
      for (const input of inputs) readings.set(input, input.read(answer, isAsked, { beforeNs, afterNs }))
    }
    return this.#options.inputs.map((input) => readings.get(input) ?? null)
  }

  close(): void {}

  async #ask(signal: AbortSignal) {
    const { clock } = this.#options
    const answers = []
    let silence: SensorError | null = null
    for (const { url, get, inputs } of this.#pages) {
      const beforeNs = clock.monotonicNs()
      const answer: Json | SensorError = silence ?? (await ask(get, url, signal))
      // Who does not answer is not asked for the rest.
      if (answer instanceof SensorError && answer.code === 'SENSOR_TIMEOUT') silence = answer
      answers.push({ inputs, answer, beforeNs, afterNs: clock.monotonicNs() })
    }
    return answers
  }
}

function pageOf(inputs: readonly HttpInput[], get: HttpGet): Page {
  const [{ url, settings }] = inputs as readonly [HttpInput, ...HttpInput[]]
  const { username, password_file: path } = settings
  const isFree = username === null || path === null
  return { url, inputs, get: isFree ? get : challengedGet(get, { username, password: () => secretIn(path) }) }
}

function refusalOf(input: HttpInput, answer: Json | SensorError): SensorError | null {
  if (answer instanceof SensorError) return answer
  try {
    input.probe(answer)
    return null
  } catch (error) {
    if (error instanceof SensorError) return error
    throw error
  }
}

const OTHER = 'compare url of the entry in sensors.http.inputs with what the device answers: curl shows it'
const SILENT = 'check url of the entry in sensors.http.inputs, and that the device is on and reaches this host'

/** Rejects with the reason of the signal alone. */
async function ask(get: HttpGet, url: URL, signal: AbortSignal): Promise<Json | SensorError> {
  try {
    return parseJsonExactly(await get({ url, headers: { accept: 'application/json' } }, signal))
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof SensorError) return cause
    const { message } = cause as Error
    if (cause instanceof AnswerError)
      return new SensorError('SENSOR_CORRUPT', `${url.host}: ${message}`, { cause, remedy: OTHER })
    if (!(cause instanceof HttpError)) throw cause
    if (cause.status === null) return new SensorError('SENSOR_TIMEOUT', message, { cause, remedy: SILENT })
    if (cause.status !== 401 && cause.status !== 403)
      return new SensorError('SENSOR_TRANSIENT', message, { cause, remedy: OTHER })
    const remedy = 'set username and password_file of the entry in sensors.http.inputs'
    return new SensorError('SENSOR_PERMISSION', message, { cause, remedy })
  }
}
