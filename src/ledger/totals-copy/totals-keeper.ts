import { LookNews } from '../../model/sparing-news.ts'
import { describeFailure } from '../failure.ts'
import type { KeptTotals, LedgerTotals, StoredTotals } from '../ledger-totals.ts'
import type { Note } from '../note.ts'
import { LEDGER_TOTALS } from '../shape/totals-shape.ts'
import { withRestOf } from '../tables/totals-rest.ts'
import { compareTotals } from './comparison.ts'
import { TotalsCopy } from './totals-copy.ts'

/** Holds the ledger's totals against their copy at the start, and keeps the copy up to date. */
export class TotalsKeeper {
  readonly #copy: TotalsCopy
  readonly #note: Note
  #waiting: KeptTotals | null = null
  #last: KeptTotals | null = null
  #writing: Promise<void> | null = null
  #isFailing = false
  readonly #news = new LookNews()

  constructor(ledgerPath: string, note: Note) {
    this.#copy = new TotalsCopy(ledgerPath)
    this.#note = note
  }

  /** What to go on with, given what the ledger has. Never throws. */
  check(found: StoredTotals | null): { readonly totals: LedgerTotals | null; readonly trustedUnixMs: number | null } {
    const kept = this.#load()
    const stored = found && this.#mended(found, kept)
    if (kept === null) return { totals: stored, trustedUnixMs: null }
    const { verdict, totals, differences } = compareTotals(stored, kept)
    const { path } = this.#copy
    if (verdict === 'damaged') {
      const detail = `the ledger's totals are not those that were written, so those of ${path} are used: ${differences}`
      this.#note('ledger_totals_differ', detail)
    }
    if (verdict === 'behind') {
      const detail = `the ledger is older than its totals in ${path}, so the higher of each is used: ${differences}`
      this.#note('ledger_totals_differ', detail)
    }
    if (verdict === 'gone') {
      const detail = `the ledger has no totals, so they go on from ${path}. To begin at 0, stop the agent and delete both`
      this.#note('ledger_totals_restored', detail, 'warn')
    }
    return { totals, trustedUnixMs: kept.trustedUnixMs }
  }

  /** Null where nothing of it can be used. */
  #mended({ damage, ...stored }: StoredTotals, kept: KeptTotals | null): LedgerTotals | null {
    const fault = LEDGER_TOTALS(stored)
    const reason = fault === null ? damage : fault.slice(1)
    if (reason === null) return stored
    const which = fault === null ? 'totals of parts, consumers and emissions' : 'totals'
    const fate = kept === null ? 'there is no copy, so they begin at 0' : `those of ${this.#copy.path} are used`
    this.#note('ledger_totals_differ', `the ledger's ${which} are not those that were written (${reason}): ${fate}`)
    if (fault !== null) return kept
    return kept === null ? stored : { ...stored, state: withRestOf(stored.state, kept.state) }
  }

  /** Written beside the event loop, for it costs an fsync(2); of those that wait for it the last. Never throws. */
  keep({ state, settlement }: LedgerTotals, trustedUnixMs: number): void {
    // As SQLite keeps it.
    this.#waiting = { state: { ...state, atUnixMs: Math.round(state.atUnixMs) }, settlement, trustedUnixMs }
    this.#writing ??= this.#write()
  }

  /** When the last that was given is written, in a file of its own: none of an earlier moment is beside it. Never rejects. */
  async settle(): Promise<void> {
    await this.#writing
    const last = this.#last
    if (last !== null) await this.#attempt(() => this.#copy.save(last))
    this.#last = null
  }

  async #write(): Promise<void> {
    while (this.#waiting !== null) {
      const kept = this.#waiting
      this.#waiting = null
      this.#last = kept
      await this.#attempt(() => this.#copy.update(kept))
    }
    this.#writing = null
  }

  async #attempt(write: () => Promise<void>): Promise<void> {
    this.#news.look()
    try {
      await write()
      this.#isFailing = false
    } catch (cause) {
      const detail = `${this.#copy.path} could not be written: ${describeFailure(cause)}`
      if (!this.#isFailing) {
        this.#news.say('copy', (more) => this.#note('ledger_totals_unwritten', `${detail}${more}`, 'warn'))
      }
      this.#isFailing = true
    }
  }

  #load(): KeptTotals | null {
    try {
      return this.#copy.load()
    } catch (cause) {
      const detail = `${this.#copy.path} is damaged, so the totals are the ledger's: ${describeFailure(cause)}`
      this.#note('ledger_totals_unread', detail, 'warn')
      return null
    }
  }
}
