import type { Mark } from '../model/batch.ts'
import type { Gap, GapReason, Posting } from '../model/posting.ts'
import type { Reading } from '../model/reading.ts'

/** What one reading settled. */
export interface Outcome {
  readonly posting?: Posting
  readonly gap?: Gap
  readonly step?: 'wrapped' | 'reset'
  /** Why this reading, or the one before it that was held for this one, cannot be true. */
  readonly corrupt?: string
}

/**
 * Up to where a channel is settled: all time before `atNs` is posted or declared a gap for certain, and nothing after it
 * is. While readings are in doubt that is the last mark. `count` is null for power channels and while a gap is open.
 */
export type Position = Pick<Mark, 'count' | 'atNs'>

/** Turns the good readings of one channel, in order of time, into postings and gaps that never overlap. */
export interface Integrator {
  accept(reading: Reading): Outcome
  /** Declares the time that has become a gap for certain by `nowNs`, though no reading came. */
  expire(nowNs: bigint): Gap | undefined
  /** Nobody knows what happened since the last reading: the next one begins anew, after a gap of this reason. */
  interrupt(reason: GapReason, lostNs: bigint): void
  readonly position: Position | null
}

export const NOTHING: Outcome = {}

/**
 * A reading may have been under way while time was declared a gap. It begins where that ended: what is declared stays
 * declared, and no time is counted twice.
 */
export function later(atNs: bigint, declaredUntilNs: bigint | undefined): bigint {
  return declaredUntilNs !== undefined && declaredUntilNs > atNs ? declaredUntilNs : atNs
}
