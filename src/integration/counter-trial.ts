import { type Point, PUBLICATION_SLACK_NS, type Step } from './counter-bounds.ts'

/** Readings one after the other that agree among themselves, and of which it is not yet known whether they are true. */
export interface Trial {
  readonly first: Point
  /** The last that showed a change. */
  readonly latest: Point
  readonly readings: number
  /** Since when readings contradict each other. */
  readonly sinceNs: bigint
  /** From the mark to the first and to the latest; undefined where the counter fell, or rose by more than it can. */
  readonly jump: Step | undefined
  readonly reach: Step | undefined
}

/** Says which readings cannot both be true. */
export const contradiction = ({ latest }: Trial, { count }: Point): string =>
  `${latest.count} fits neither what was read before it nor the ${count} after it`

/** What came after the first of two steps from one point. */
export const between = (first: Step, whole: Step): Step => ({
  counts: whole.counts - first.counts,
  elapsedNs: whole.elapsedNs - first.elapsedNs,
  isWrap: whole.isWrap && !first.isWrap,
})

/** One step after the other. */
export const both = (one: Step, other: Step): Step => ({
  counts: one.counts + other.counts,
  elapsedNs: one.elapsedNs + other.elapsedNs,
  isWrap: one.isWrap || other.isWrap,
})

/**
 * Whether what came after the jump took long enough to tell whether it was like the jump: a scrape has a reading taken a
 * moment after another, and what a counter makes in a moment says nothing of its pace.
 */
export function isComparable({ first, jump }: Trial, { atNs }: Point): boolean {
  const jumpNs = jump?.elapsedNs ?? 0n
  return 2n * (atNs - first.atNs) >= (jumpNs < PUBLICATION_SLACK_NS ? jumpNs : PUBLICATION_SLACK_NS)
}
