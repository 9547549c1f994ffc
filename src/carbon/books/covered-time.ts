import type { Stretch } from '../time/time-series.ts'

/** Older time is forgotten: no gap is bridged for so long. */
const KEPT_MS = 7 * 86_400_000
/** Time that ends this far ahead was counted by a clock that has been set back since. */
const AHEAD_MS = 60_000

/** The time that has been counted, so that energy that comes late or twice counts its time once. */
export class CoveredTime {
  /** Ascending, with gaps between them. */
  #stretches: readonly Stretch[] = []

  /** The parts of a time that were not counted yet, and are from now on. */
  take(startsUnixMs: number, endsUnixMs: number, nowUnixMs: number): readonly Stretch[] {
    if (endsUnixMs <= startsUnixMs) return []
    const newest = this.#stretches.at(-1)?.endsUnixMs ?? Number.NEGATIVE_INFINITY
    if (newest > nowUnixMs + AHEAD_MS) this.#forgetAfter(Math.min(nowUnixMs, startsUnixMs))
    const known = this.#stretches.filter((one) => one.endsUnixMs >= startsUnixMs && one.startsUnixMs <= endsUnixMs)
    const rest = this.#stretches.filter((one) => !known.includes(one) && one.endsUnixMs > nowUnixMs - KEPT_MS)
    const joined = {
      startsUnixMs: Math.min(startsUnixMs, ...known.map((one) => one.startsUnixMs)),
      endsUnixMs: Math.max(endsUnixMs, ...known.map((one) => one.endsUnixMs)),
    }
    this.#stretches = [...rest, joined].toSorted((a, b) => a.startsUnixMs - b.startsUnixMs)
    return gapsIn(startsUnixMs, endsUnixMs, known)
  }

  #forgetAfter(unixMs: number): void {
    this.#stretches = this.#stretches
      .filter(({ startsUnixMs }) => startsUnixMs < unixMs)
      .map((one) => ({ ...one, endsUnixMs: Math.min(one.endsUnixMs, unixMs) }))
  }
}

function gapsIn(startsUnixMs: number, endsUnixMs: number, known: readonly Stretch[]): Stretch[] {
  const edges = [startsUnixMs, ...known.flatMap((one) => [one.startsUnixMs, one.endsUnixMs]), endsUnixMs]
  const gaps: Stretch[] = []
  for (let index = 0; index < edges.length; index += 2) {
    const [from = 0, to = 0] = edges
      .slice(index, index + 2)
      .map((edge) => Math.max(startsUnixMs, Math.min(edge, endsUnixMs)))
    if (to > from) gaps.push({ startsUnixMs: from, endsUnixMs: to })
  }
  return gaps
}
