import type { Route } from '../io/serve/route.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { Assets } from './assets.ts'
import { RecentPace } from './recent-pace.ts'
import type { PageOptions, Served } from './served.ts'

/**
 * So often totals are taken note of where nobody asks, so that watts can be told of what has only totals. The mean is of half a
 * minute to a minute. Later than each second scrape of 15 s, which has them taken note of for less.
 */
const NOTE_MS = 35_000

/** The page at `/` and its interface for programs. */
export class Page implements Component {
  readonly name = 'page'
  readonly #options: PageOptions
  readonly #pace = new RecentPace()
  readonly #assets = new Assets()
  #served: Promise<Served> | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(options: PageOptions) {
    this.#options = options
  }

  /** Every path that it serves. `shown`: what is shown now; null before the first reading. */
  routes(shown: () => Promise<Snapshot | null>): ReadonlyMap<string, Route> {
    const route = (reply: Route['reply']): Route => ({ anyHost: false, reply })
    return new Map([
      ['/', route(async () => (await this.#load()).page(await shown(), this.#assets))],
      ...[...this.#assets.replies].map(([path, reply]) => [path, route(reply)] as const),
      ['/api/v1/now', route(async (request) => (await this.#load()).api.now(await shown(), request))],
      ['/api/v1/history', route(async (request) => (await this.#load()).api.history(request))],
      ['/api/v1/consumers', route(async (request) => (await this.#load()).api.consumers(request))],
      ['/api/v1/openapi.json', route(async (request) => (await this.#load()).api.openapi(request))],
    ])
  }

  async start(): Promise<void> {
    this.#await()
    this.note()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const served = await this.#served?.catch(() => null)
    await served?.close()
  }

  /** Takes note of the totals if it is time, as when somebody else has a snapshot made. */
  note(): void {
    if (this.#timer === undefined || !this.#pace.isDue(this.#options.unixMs())) return
    const snapshot = this.#options.snapshot()
    if (snapshot === null) return
    this.#pace.note(snapshot)
    this.#await()
  }

  /** Tries again where it failed. */
  #load(): Promise<Served> {
    this.#served ??= import('./served.ts').then(
      ({ Served }) => new Served(this.#options, this.#pace),
      (error) => {
        this.#served = null
        throw error
      },
    )
    return this.#served
  }

  #await(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#await()
      this.note()
    }, NOTE_MS).unref()
  }
}
