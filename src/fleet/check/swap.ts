import type { HostSeries } from '../account/account.ts'
import type { PlaceBalance } from '../account/balances.ts'
import { dot, scaledOff } from './fit.ts'

/** Hosts that stand in each other's place; null on one side where one was only moved. */
export interface Swap {
  readonly from: PlaceBalance
  readonly to: PlaceBalance
  readonly leaves: HostSeries | null
  readonly comes: HostSeries | null
  readonly hours: number
}

/** Fewer hours show nothing. */
export const FEWEST_HOURS = 24
/** A swap leaves at most this share of what was not explained. */
const SWAP_LEFT = 0.2
/** Of racks that a swap explains so well, one mirrors the other at least so far: |a + b|² ≤ 2 × 0.2 × (|a|² + |b|²), with some slack. */
const MIRRORED = -0.4

/** The share of a rack's machines that its residual is at best: its loss, and what its meter is off by all the time. */
export function shareIn({ residual, machines }: PlaceBalance): number {
  const known = [...residual.keys()].filter(
    (at) => !Number.isNaN((residual[at] ?? Number.NaN) + (machines[at] ?? Number.NaN)),
  )
  const [r, m] = [picked(residual, known), picked(machines, known)]
  return dot(r, m) / dot(m, m)
}

/** The hosts that explain best what both racks are off by beyond shares of their machines, if any do. */
export function swapBetween(from: PlaceBalance, to: PlaceBalance): (Swap & { readonly left: number })[] {
  const both = [...from.residual.keys()].filter(
    (at) => !Number.isNaN((from.residual[at] ?? Number.NaN) + (to.residual[at] ?? Number.NaN)),
  )
  if (both.length < FEWEST_HOURS) return []
  const [a, b] = [rackOf(from, both), rackOf(to, both)]
  const before = a.rest(0, 0, 0) + b.rest(0, 0, 0)
  // Of thousands of racks most pairs have nothing to do with each other.
  if (2 * dot(a.beyond, b.beyond) > MIRRORED * before) return []
  const [leaving, coming] = [from, to].map(({ hosts }) => [null, ...hosts].map((series) => hostOf(series, both, a, b)))
  let best: (Swap & { readonly left: number }) | null = null
  for (const x of leaving ?? []) {
    for (const y of coming ?? []) {
      if (x.series === y.series) continue
      // `from` counts the host that left and lacks the one that came: what it is off by is the difference.
      const square = x.square + y.square - 2 * dot(x.joules, y.joules)
      const left =
        (a.rest(square, x.inA - y.inA, x.ofA - y.ofA) + b.rest(square, y.inB - x.inB, y.ofB - x.ofB)) / before
      // Two hosts explain a little more than one by chance alone.
      const isOne = x.series === null || y.series === null
      const isBetter = left < (best === null ? SWAP_LEFT : isOne ? best.left : 0.8 * best.left)
      if (isBetter) best = { from, to, leaves: x.series, comes: y.series, hours: both.length, left }
    }
  }
  return best === null ? [] : [best]
}

/** One rack in hours that two have in common. */
interface Rack {
  readonly residual: Float64Array
  readonly machines: Float64Array
  /** What is left of the residual beyond the best share of the machines. */
  readonly beyond: Float64Array
  /**
   * Sum of squares of what is left of the residual, and of a series that is added to it, beyond the best share of the machines: from the
   * series' own square and its products with the residual and the machines.
   */
  rest(square: number, withResidual: number, withMachines: number): number
}

function rackOf({ residual: r, machines: m }: PlaceBalance, hours: readonly number[]): Rack {
  const [residual, machines] = [picked(r, hours), picked(m, hours)]
  const [rr, rm, mm] = [dot(residual, residual), dot(residual, machines), dot(machines, machines)]
  const rest = (square: number, withResidual: number, withMachines: number) =>
    rr + 2 * withResidual + square - (rm + withMachines) ** 2 / mm
  return { residual, machines, beyond: scaledOff(residual, machines, rm / mm), rest }
}

/** A host's energy in those hours, and its products with both racks; nothing for null. */
function hostOf(series: HostSeries | null, hours: readonly number[], a: Rack, b: Rack) {
  const joules = series === null ? new Float64Array(hours.length) : picked(series.joules, hours)
  return {
    series,
    joules,
    square: dot(joules, joules),
    inA: dot(joules, a.residual),
    ofA: dot(joules, a.machines),
    inB: dot(joules, b.residual),
    ofB: dot(joules, b.machines),
  }
}

function picked(series: Float64Array, hours: readonly number[]): Float64Array {
  return Float64Array.from(hours, (at) => series[at] ?? Number.NaN)
}
