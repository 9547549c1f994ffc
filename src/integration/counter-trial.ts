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

/** Whether a reading tells the pace of a new counter: one out of turn, right after the first, does not. */
export const tellsPace = ({ first }: Trial, { atNs }: Point): boolean =>
  2n * (atNs - first.atNs) >= PUBLICATION_SLACK_NS
