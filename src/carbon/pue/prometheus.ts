import { AnswerError } from '../../io/answer.ts'
import type { HttpGet } from '../../io/http.ts'
import { KeyFile } from '../../io/key-file.ts'
import { checkServer, oneSeriesIn, rangeRequest, STEP_MS } from '../../io/prometheus-query.ts'
import { ServerPoll } from '../../io/server-poll.ts'
import type { Logger } from '../../model/logger.ts'
import { EXPECTED_PUE, puePpmOf } from '../../model/pue.ts'
import { TimeSeries } from '../time/time-series.ts'
import type { Window } from '../time/window.ts'
import type { PueCoverage, RefreshedPue } from './pue.ts'
import { coverBySeries, latenessOf, type PuePeriod, type StandIn } from './pue-series.ts'
import { statedPue } from './stated.ts'

export interface PrometheusPueConfig {
  readonly source: 'prometheus'
  readonly url: string
  readonly query: string
  /** A bearer token; null sends none. */
  readonly key_file: string | null
  readonly default: number
  readonly hold: number
}

export interface PrometheusPueOptions {
  readonly get: HttpGet
  readonly unixMs: () => number
  /** From 0 to 1, as Math.random: ten thousand hosts must not ask at the same moment. */
  readonly random: () => number
  readonly logger: Logger
}

const EVERY_MS = STEP_MS / 2
const BACK_MS = 60 * STEP_MS
/**
 * Energy is booked within minutes, after an outage within hours. The first look, and the first after an outage, asks
 * for all of it.
 */
const KEPT_MS = 24 * 60 * STEP_MS

/**
 * A hundredth: rounding errs by at most 0.5 %, the meters by 1 % (k = 1). Each PUE of an hour makes a booking in each
 * account, kept for ever: sixty an hour would be a million rows a year, and a quarter of a gigabyte of open bookings.
 */
const GRAIN_PPM = 10_000n

/** A series on a Prometheus server, where the building's meters are scraped. */
export class PrometheusPue implements RefreshedPue {
  readonly #config: PrometheusPueConfig
  readonly #options: PrometheusPueOptions
  readonly #key: KeyFile
  readonly #standIn: StandIn
  readonly #series = new TimeSeries<PuePeriod>()
  readonly #poll: ServerPoll

  /** Throws a ConfigFault. */
  constructor(config: PrometheusPueConfig, options: PrometheusPueOptions) {
    checkServer(config.url, 'carbon.pue.url')
    this.#config = config
    this.#options = options
    const { random, logger } = options
    this.#key = new KeyFile(config.key_file, logger)
    this.#poll = new ServerPoll({
      everyMs: EVERY_MS,
      ask: (signal) => this.#fetch(signal),
      who: 'carbon.pue: prometheus',
      lapse: 'gives no PUE',
      events: { failed: 'pue_fetch_failed', over: 'pue_fetched' },
      random,
      logger,
    })
    this.#standIn = { holdMs: config.hold, default: statedPue(config.default, 'configuration', 'carbon.pue.default') }
  }

  cover(unixMs: number): PueCoverage {
    return coverBySeries(this.#series, unixMs, 'prometheus', this.#standIn)
  }

  get problem(): string | null {
    return this.#poll.problem ?? latenessOf(this.#series, this.#options.unixMs(), this.#standIn)
  }

  check(): readonly string[] {
    return this.#key.check()
  }

  refresh(signal: AbortSignal): Promise<number> {
    return this.#poll.refresh(signal)
  }

  async #fetch(signal: AbortSignal): Promise<void> {
    const { get, unixMs } = this.#options
    const now = unixMs()
    const sinceUnixMs = this.#series.last?.endsUnixMs ?? 0
    const window = { fromUnixMs: Math.max(Math.min(now - BACK_MS, sinceUnixMs), now - KEPT_MS), toUnixMs: now }
    const body = await get(rangeRequest(this.#config, window, this.#key.read()), signal)
    for (const period of parsePueAnswer(body, window)) this.#series.put(period)
    this.#series.dropBefore(now - KEPT_MS)
  }
}

/** Throws an AnswerError: an answer is taken as a whole or not at all. */
export function parsePueAnswer(body: string, { fromUnixMs, toUnixMs }: Window): readonly PuePeriod[] {
  return oneSeriesIn(body).samples.map(({ text, startsUnixMs, endsUnixMs }) => {
    const puePpm = puePpmOf(text === '' ? Number.NaN : Number(text))
    if (puePpm === null) throw new AnswerError(EXPECTED_PUE, text)
    if (endsUnixMs <= fromUnixMs || startsUnixMs > toUnixMs) {
      throw new AnswerError('a time inside the requested window', new Date(startsUnixMs))
    }
    return { puePpm: ((puePpm + GRAIN_PPM / 2n) / GRAIN_PPM) * GRAIN_PPM, startsUnixMs, endsUnixMs }
  })
}
