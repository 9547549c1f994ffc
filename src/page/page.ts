import type { Reply } from '../io/serve/reply.ts'
import type { Route } from '../io/serve/route.ts'
import type { Frozen } from '../model/frozen.ts'
import type { Health } from '../model/health.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Logger } from '../model/logger.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TariffSettings } from '../report/tariff-schema.ts'
import { PageApi } from './api.ts'
import { Assets } from './assets.ts'
import { LedgerReader } from './ledger/ledger-reader.ts'
import { RecentPace } from './recent-pace.ts'
import { statusPage } from './status-page.ts'

export interface PageOptions {
  /** Of the ledger. */
  readonly path: string
  /** `report.tariff` */
  readonly tariff: Frozen<TariffSettings>
  /** The newest snapshot; null before the first. */
  readonly snapshot: () => Snapshot | null
  /** Brings what is counted into the ledger, which is written each minute by itself. */
  readonly freshen: () => void
  readonly health: () => Health
  readonly version: string
  readonly unixMs: () => number
  readonly logger: Logger
}

/** How often totals are taken note of, so that watts can be told of what has only totals. The mean is of half a minute to a minute. */
const NOTE_MS = 30_000
/** The page does not wait for today's sums, whose thread may have to start first: it has them with its first refresh. */
const PATIENCE_MS = 0

/** The page at `/` and its interface for programs. */
export class Page implements Component {
  readonly name = 'page'
  readonly #options: PageOptions
  readonly #ledger: LedgerReader
  readonly #pace = new RecentPace()
  readonly #api: PageApi
  readonly #assets = new Assets()
  #timer: NodeJS.Timeout | undefined

  constructor(options: PageOptions) {
    this.#options = options
    this.#ledger = new LedgerReader(options)
    this.#api = new PageApi({
      ...options,
      ledger: this.#ledger,
      pace: this.#pace,
      nowMs: () => performance.now(),
    })
  }

  /** Every path that it serves. `shown`: what is shown now; null before the first reading. */
  routes(shown: () => Promise<Snapshot | null>): ReadonlyMap<string, Route> {
    const api = this.#api
    const route = (reply: Route['reply']): Route => ({ anyHost: false, reply })
    return new Map([
      ['/', route(async () => this.#page(await shown()))],
      ...[...this.#assets.replies].map(([path, reply]) => [path, route(() => reply)] as const),
      ['/api/v1/now', route(async (request) => api.now(await shown(), request))],
      ['/api/v1/history', route((request) => api.history(request))],
      ['/api/v1/consumers', route((request) => api.consumers(request))],
      ['/api/v1/openapi.json', route((request) => api.openapi(request))],
    ])
  }

  async start(): Promise<void> {
    this.#note()
    this.#timer = setInterval(() => this.#note(), NOTE_MS).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#ledger.close()
  }

  async #page(snapshot: Snapshot | null): Promise<Reply> {
    const { health, version } = this.#options
    const now = snapshot && (await this.#api.nowOf(snapshot, PATIENCE_MS))
    return statusPage({ now, health: health(), version, assets: this.#assets })
  }

  #note(): void {
    const snapshot = this.#options.snapshot()
    if (snapshot !== null) this.#pace.note(snapshot)
  }
}
