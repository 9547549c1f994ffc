import type { LedgerBatch, LedgerState } from '../model/batch.ts'
import { STEPS } from './schema/steps.ts'

/** The state that batches continue. */
export interface Beginning extends Pick<LedgerState, 'bornUnixMs' | 'bootId' | 'atMonotonicNs'> {
  readonly format: number
}

/** Batches that are not in the ledger yet, up to a state that is known beside them. */
export interface Unwritten {
  readonly after: Beginning
  readonly batches: readonly Omit<LedgerBatch, 'state'>[]
}

/** Of batches that continue one state, those that go further. */
export function laterOf(a: readonly LedgerBatch[], b: readonly LedgerBatch[]): readonly LedgerBatch[] {
  const endOf = (batches: readonly LedgerBatch[]) => batches.at(-1)?.state.atMonotonicNs ?? 0n
  return endOf(b) > endOf(a) ? b : a
}

export function beginningOf({ bornUnixMs, bootId, atMonotonicNs }: LedgerState): Beginning {
  return { format: STEPS.length, bornUnixMs: Math.round(bornUnixMs), bootId, atMonotonicNs }
}

export function isBeginning({ format, bornUnixMs, bootId, atMonotonicNs }: Beginning, state: LedgerState): boolean {
  const isSame = bornUnixMs === state.bornUnixMs && bootId === state.bootId && atMonotonicNs === state.atMonotonicNs
  return isSame && format === STEPS.length
}
