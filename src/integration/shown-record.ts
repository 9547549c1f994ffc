import type { LedgerState } from '../model/batch.ts'
import { copyTotals, type Totals } from './shown-totals.ts'

/** What one process showed of totals that are ahead of the disk, for the one that comes after a kill. */
export interface ShownRecord extends Pick<LedgerState, 'bornUnixMs' | 'bootId'> {
  /** `atMonotonicNs` of the newest state that is on disk, and of the newest that the next process may find. */
  readonly durableNs: bigint
  readonly pendingNs: bigint
  /** Each total as it was shown, also where that is what the durable state has. */
  readonly shown: Totals
}

/** Where a record outlives its process. */
export interface ShownStore {
  /** Null when there is none that can be trusted. Never throws. */
  load(): ShownRecord | null
  /** Whole or not at all; its totals change afterwards. False when it is not written and an older one stands. Never throws. */
  save(record: ShownRecord): boolean
}

/**
 * What was shown beyond the ledger's state. Null where a record is of another boot or ledger, or of another process than
 * the last that wrote to it: that one may have shown more.
 */
export function shownBeyond(state: LedgerState, bootId: string, record: ShownRecord | null): Totals | null {
  if (record === null || record.bootId !== bootId || state.bootId !== bootId) return null
  if (record.bornUnixMs !== state.bornUnixMs) return null
  const isOfState = record.durableNs <= state.atMonotonicNs && state.atMonotonicNs <= record.pendingNs
  return isOfState ? record.shown : null
}

export interface ShownRecorderOptions extends Pick<LedgerState, 'bornUnixMs' | 'bootId'> {
  /** Null where nothing outlives the process. */
  readonly store: ShownStore | null
  /** What the start found, and what of it is on disk; null for a new ledger. */
  readonly restored: LedgerState | null
  readonly durable: LedgerState | null
  readonly nowNs: bigint
  /** What an earlier process may have shown. */
  readonly shown: Totals
}

/** Records what is shown before it is, and each flush before it is written, so that the record always fits the ledger. */
export class ShownRecorder {
  readonly #store: ShownStore | null
  readonly #of: Pick<ShownRecord, 'bornUnixMs' | 'bootId'>
  #shown: Totals
  #durableNs: bigint
  #pendingNs: bigint
  /** No record that stands is of a later state. */
  #recordedNs: bigint

  constructor({ store, bornUnixMs, bootId, restored, durable, nowNs, shown }: ShownRecorderOptions) {
    this.#store = store
    this.#of = { bornUnixMs: Math.round(bornUnixMs), bootId }
    this.#shown = shown
    this.#durableNs = durable?.bootId === bootId ? durable.atMonotonicNs : 0n
    this.#pendingNs = restored?.bootId === bootId ? restored.atMonotonicNs : 0n
    this.#recordedNs = nowNs
  }

  /** Given what is about to be shown, what may be: less where an older record stands that would not know of it. */
  see(shown: Totals): Totals {
    if (!this.#save(shown)) return this.#shown
    copyTotals(shown, this.#shown)
    return shown
  }

  /** A state is about to be kept or written: from now on it may be what the next process finds. */
  saving(atNs: bigint): void {
    this.#pendingNs = atNs
    this.#save(this.#shown)
  }

  /** It is on disk. */
  flushed(): void {
    this.#durableNs = this.#pendingNs
  }

  #save(shown: Totals): boolean {
    if (this.#store === null) return true
    const [durableNs, pendingNs] = [this.#durableNs, this.#pendingNs]
    const isSaved = this.#store.save({ ...this.#of, durableNs, pendingNs, shown })
    if (isSaved) this.#recordedNs = pendingNs
    return isSaved || this.#recordedNs < durableNs
  }
}
