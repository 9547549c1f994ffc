import { NS_PER_MS } from '../model/units.ts'
import type { Point, Step } from './counter-bounds.ts'

/** A pace is told by a second, and a twentieth less for a reading that is early. */
const PACE_NS = 950n * NS_PER_MS

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

/** With one more reading that agrees. */
export function continued(trial: Trial, point: Point, reach: Step | undefined, agreed: Step): Trial {
  const readings = trial.readings + 1
  return agreed.counts === 0n ? { ...trial, readings } : { ...trial, readings, latest: point, reach }
}

/** Whether nothing has followed a first step of several counts: the counter may be published more rarely than it is read. */
export const stands = ({ first, latest, jump }: Trial, agreed: Step): boolean =>
  latest === first && agreed.counts === 0n && (jump?.counts ?? 0n) > 1n

/** Says which readings cannot both be true. */
export const contradiction = ({ latest }: Trial, { count }: Point): string =>
  `${latest.count} fits neither what was read before it nor the ${count} after it`

/** What came after the first of two steps from one point. */
export const between = (first: Step, whole: Step): Step => ({
  counts: whole.counts - first.counts,
  elapsedNs: whole.elapsedNs - first.elapsedNs,
  isWrap: whole.isWrap && !first.isWrap,
})

/** Whether what came after the first step is long enough to say what is usual: a reading out of turn follows at once. */
export function tellsPace({ jump }: Trial, whole: Step): boolean {
  if (jump === undefined) return false
  const { counts, elapsedNs } = between(jump, whole)
  return counts > 0n && elapsedNs >= PACE_NS
}
