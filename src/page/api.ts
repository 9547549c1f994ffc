import type { IncomingMessage } from 'node:http'
import { settledWithin } from '../io/patience.ts'
import { BadRequest } from '../io/serve/query.ts'
import { jsonReply, type Reply } from '../io/serve/reply.ts'
import type { Health } from '../model/health.ts'
import type { Logger } from '../model/logger.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { DAY_MS, floorTo } from '../model/time.ts'
import type { Today } from './ledger/answer.ts'
import { type LedgerReader, NoAnswer } from './ledger/ledger-reader.ts'
import { consumersQuestion, historyQuestion, MOST_LISTED, noQuestion, type Question } from './ledger/questions.ts'
import { type Now, nowOf } from './now.ts'
import { OPENAPI } from './openapi.ts'
import type { RecentPace } from './recent-pace.ts'

export interface ApiOptions {
  readonly ledger: LedgerReader
  readonly pace: RecentPace
  /** Brings what is counted into the ledger, which by itself is written now and then. */
  readonly freshen: () => void
  readonly health: () => Health
  readonly version: string
  readonly unixMs: () => number
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  readonly logger: Logger
}

/** Sums of today are as old as the ledger: nobody who looks at them all day has it written for them. */
const TODAY_MS = 10_000
/** So old sums are still shown while newer ones are on their way. */
const OLDEST_MS = 60_000
/** So long an answer waits for today's sums the first time, when the thread that reads them has to start. */
const PATIENCE_MS = 2_000

const NOT_YET = 'the agent has not taken a reading yet: ask again in some seconds'

/** What is served to programs, and to the page itself. */
export class PageApi {
  readonly #options: ApiOptions
  #today: { readonly day: number; readonly atMs: number; readonly sums: Today } | null = null
  #asking: Promise<void> | null = null

  constructor(options: ApiOptions) {
    this.#options = options
  }

  now(snapshot: Snapshot | null, { url }: IncomingMessage): Promise<Reply> {
    return answered(async () => {
      noQuestion(queryOf(url))
      if (snapshot === null) return refusal(503, NOT_YET, { 'Retry-After': '1' })
      return jsonReply(200, JSON.stringify(await this.nowOf(snapshot, PATIENCE_MS)))
    })
  }

  history({ url }: IncomingMessage): Promise<Reply> {
    return this.#ask(() => historyQuestion(queryOf(url), this.#options.unixMs()))
  }

  consumers({ url }: IncomingMessage): Promise<Reply> {
    return this.#ask(() => consumersQuestion(queryOf(url), this.#options.unixMs()))
  }

  openapi({ url }: IncomingMessage): Promise<Reply> {
    return answered(async () => {
      noQuestion(queryOf(url))
      return jsonReply(200, JSON.stringify(OPENAPI))
    })
  }

  /** With today's sums if they come in time. Never rejects. */
  async nowOf(snapshot: Snapshot, patienceMs: number): Promise<Now> {
    const { health, version, pace } = this.#options
    const today = await this.#todayWithin(patienceMs)
    return nowOf({ snapshot, pace: pace.upTo(snapshot), today, health: health(), version })
  }

  #ask(questionOf: () => Question): Promise<Reply> {
    return answered(async () => {
      const question = questionOf()
      this.#options.freshen()
      return jsonReply(200, await this.#options.ledger.ask(question))
    })
  }

  async #todayWithin(patienceMs: number): Promise<Today | null> {
    const { unixMs, nowMs } = this.#options
    const day = floorTo(DAY_MS, unixMs())
    const ageMs = nowMs() - (this.#today?.atMs ?? Number.NEGATIVE_INFINITY)
    if (this.#today?.day !== day || ageMs >= OLDEST_MS) this.#today = null
    if (ageMs >= TODAY_MS || this.#today === null) {
      this.#asking ??= this.#askToday(day).finally(() => {
        this.#asking = null
      })
      // Sums of some seconds ago are shown at once, and the new ones the next time.
      if (this.#today === null) await settledWithin(this.#asking, patienceMs)
    }
    // Those asked for before midnight may come after it.
    return this.#today?.day === day ? this.#today.sums : null
  }

  /** Where the ledger cannot answer there are no sums: what is wrong with it is said by its health. */
  async #askToday(day: number): Promise<void> {
    const { ledger, nowMs, logger } = this.#options
    try {
      const json = await ledger.ask({ kind: 'today', from: day, until: day + DAY_MS, limit: MOST_LISTED })
      this.#today = { day, atMs: nowMs(), sums: JSON.parse(json) as Today }
    } catch (error) {
      this.#today = null
      if (!(error instanceof NoAnswer)) logger.error({ event: 'page_failed', err: error }, "today's sums failed")
    }
  }
}

function refusal(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return jsonReply(status, JSON.stringify({ error }), headers)
}

async function answered(answer: () => Promise<Reply>): Promise<Reply> {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof BadRequest) return refusal(400, error.message)
    if (error instanceof NoAnswer) return refusal(503, error.message, error.isBusy ? { 'Retry-After': '2' } : {})
    throw error
  }
}

function queryOf(url = ''): string {
  return url.split('?').slice(1).join('?')
}
