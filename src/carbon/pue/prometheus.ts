import { AnswerError } from '../../io/answer.ts'
import { backOffMs } from '../../io/back-off.ts'
import type { HttpGet } from '../../io/http.ts'
import { KeyFile } from '../../io/key-file.ts'
import { checkServer, oneSeriesIn, rangeRequest, STEP_MS } from '../../io/prometheus-query.ts'
import type { Logger } from '../../model/logger.ts'
import { EXPECTED_PUE, puePpmOf } from '../../model/pue.ts'
import { masked } from '../../model/secrets.ts'
import type { Window } from '../sources/feed.ts'
import { TimeSeries } from '../time/time-series.ts'
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
/** Energy is priced within minutes, or within hours after an outage: all of that is asked for at the start, and what was missed. */
const KEPT_MS = 24 * 60 * STEP_MS

/**
 * A hundredth: rounding is off by at most 0.5 %, the meters by 1 % (k = 1). Each PUE of an hour is a booking of each account, kept for ever:
 * sixty of them an hour would be a million rows a year, and a quarter of a gigabyte of those that are open.
 */
const GRAIN_PPM = 10_000n

/** A series on a Prometheus server, where the building's meters are scraped. */
export class PrometheusPue implements RefreshedPue {
  readonly #config: PrometheusPueConfig
  readonly #options: PrometheusPueOptions
  readonly #key: KeyFile
  readonly #standIn: StandIn
  readonly #series = new TimeSeries<PuePeriod>()
  #failures = 0
  #failure: string | null = null

  /** Throws a ConfigFault. */
  constructor(config: PrometheusPueConfig, options: PrometheusPueOptions) {
    checkServer(config.url, 'carbon.pue.url')
    this.#config = config
    this.#options = options
    this.#key = new KeyFile(config.key_file, options.logger)
    this.#standIn = { holdMs: config.hold, default: statedPue(config.default, 'configuration', 'carbon.pue.default') }
  }

  cover(unixMs: number): PueCoverage {
    return coverBySeries(this.#series, unixMs, 'prometheus', this.#standIn)
  }

  get problem(): string | null {
    return this.#failure ?? latenessOf(this.#series, this.#options.unixMs(), this.#standIn)
  }

  check(): readonly string[] {
    return this.#key.check()
  }

  async refresh(signal: AbortSignal): Promise<number> {
    const { logger, random } = this.#options
    try {
      await this.#fetch(signal)
      if (this.#failures > 0) logger.info({ event: 'pue_fetched' }, 'carbon.pue: prometheus answers again')
      this.#failures = 0
      this.#failure = null
      return EVERY_MS * (0.9 + 0.2 * random())
    } catch (error) {
      if (signal.aborted) return EVERY_MS
      this.#failure = masked((error as Error).message)
      this.#failures += 1
      if (this.#failures === 1) {
        const message = `carbon.pue: prometheus gives no PUE and is asked again: ${this.#failure}`
        logger.warn({ event: 'pue_fetch_failed' }, message)
      }
      return backOffMs(this.#failures, error, random)
    }
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

/** Throws a AnswerError: an answer is taken as a whole or not at all. */
export function parsePueAnswer(body: string, { fromUnixMs, toUnixMs }: Window): readonly PuePeriod[] {
  return oneSeriesIn(body).samples.map(({ text, startsUnixMs, endsUnixMs }) => {
    const puePpm = puePpmOf(text === '' ? Number.NaN : Number(text))
    if (puePpm === null) throw new AnswerError(EXPECTED_PUE, text)
    if (endsUnixMs <= fromUnixMs || startsUnixMs > toUnixMs) {
      throw new AnswerError('a time inside the asked window', new Date(startsUnixMs))
    }
    return { puePpm: ((puePpm + GRAIN_PPM / 2n) / GRAIN_PPM) * GRAIN_PPM, startsUnixMs, endsUnixMs }
  })
}
