import { bearerLogin } from '../../io/bearer-login.ts'
import type { Refreshed } from '../../io/refresher.ts'
import type { ShownIntensity } from '../../model/carbon.ts'
import type { Fault } from '../../model/config-fault.ts'
import { SILENT } from '../../model/logger.ts'
import { FeedReader, type ReaderOptions } from '../feeds/feed-reader.ts'
import { WATTTIME_URL, type WattTimeConfig, watttimeFeed } from './watttime.ts'

export type MarginalConfig = WattTimeConfig

/** A token lasts 30 minutes. */
const TOKEN_MS = 25 * 60_000

/**
 * Emissions of one kilowatt hour more, for deciding when to run. It is no IntensitySource, so that no account can count
 * with it: the GHG Protocol's Scope 2 Guidance excludes marginal factors from the location-based method (table 6.2).
 */
export class Marginal implements Refreshed {
  readonly name: string
  readonly #reader: FeedReader
  readonly #unixMs: () => number

  constructor(options: ReaderOptions) {
    this.name = options.feed.name
    this.#reader = new FeedReader(options)
    this.#unixMs = options.unixMs
  }

  /** The intensity of now; null when it is not known. */
  current(): ShownIntensity | null {
    const { period } = this.#reader.history.at(this.#unixMs())
    if (period === null) return null
    const { zone, basis, mgPerKwh, startsUnixMs } = period
    return { zone, basis, mgPerKwh, source: this.name, startsUnixMs }
  }

  get problem(): string | null {
    return this.#reader.problem
  }

  check(): readonly string[] {
    return this.#reader.check()
  }

  refresh(signal: AbortSignal): Promise<number> {
    return this.#reader.refresh(signal)
  }
}

/** Null when none is configured. */
export function createMarginal(
  config: MarginalConfig | null,
  options: Omit<ReaderOptions, 'feed'>,
  baseUrl = WATTTIME_URL,
): Marginal | null {
  if (config === null) return null
  const { get, unixMs } = options
  const url = new URL(`${baseUrl}/login`)
  const loggedIn = bearerLogin({ get, url, lifetimeMs: TOKEN_MS, unixMs })
  return new Marginal({ ...options, feed: watttimeFeed(config, baseUrl), get: loggedIn })
}

/** What is wrong with its files on this machine. Asks no server. */
export function checkMarginal(config: MarginalConfig | null): readonly Fault[] {
  const cache = { load: () => [], save: () => true }
  const get = () => Promise.reject(new Error('not asked'))
  const marginal = createMarginal(config, { cache, get, unixMs: Date.now, random: Math.random, logger: SILENT })
  return (marginal?.check() ?? []).map((text) => ({ key: 'carbon.marginal', text }))
}
