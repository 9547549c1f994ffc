import type { Reply } from '../io/serve/reply.ts'
import type { Frozen } from '../model/frozen.ts'
import type { Health } from '../model/health.ts'
import type { Logger } from '../model/logger.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TariffSettings } from '../report/tariff-schema.ts'
import { PageApi } from './api.ts'
import type { Assets } from './assets.ts'
import { LedgerReader } from './ledger/ledger-reader.ts'
import type { RecentPace } from './recent-pace.ts'
import { statusPage } from './status-page.ts'

export interface PageOptions {
  /** Of the ledger. */
  readonly path: string
  /** `report.tariff` */
  readonly tariff: Frozen<TariffSettings>
  /** The newest snapshot; null before the first. */
  readonly snapshot: () => Snapshot | null
  /** Brings what is counted into the ledger, which by itself is written now and then. */
  readonly freshen: () => void
  readonly health: () => Health
  readonly version: string
  readonly unixMs: () => number
  readonly logger: Logger
}

/** The page does not wait for today's sums, whose thread may have to start first: it has them with its first refresh. */
const PATIENCE_MS = 0

/** What answers the page's questions. An agent that is only scraped never loads it. */
export class Served {
  readonly api: PageApi
  readonly #options: PageOptions
  readonly #ledger: LedgerReader

  constructor(options: PageOptions, pace: RecentPace) {
    this.#options = options
    this.#ledger = new LedgerReader(options)
    this.api = new PageApi({ ...options, ledger: this.#ledger, pace, nowMs: () => performance.now() })
  }

  async page(snapshot: Snapshot | null, assets: Assets): Promise<Reply> {
    const { health, version } = this.#options
    const now = snapshot && (await this.api.nowOf(snapshot, PATIENCE_MS))
    return statusPage({ now, health: health(), version, assets })
  }

  close(): Promise<void> {
    return this.#ledger.close()
  }
}
