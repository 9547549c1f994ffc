import type { HostSeries } from '../account/account.ts'
import type { PlaceBalance } from '../account/balances.ts'
import { type Fit, fitOne, meanSquare, medianOf, scaledOff } from './fit.ts'

/** A host whose meter is off by a factor, as its rack's meter shows. */
export interface Liar {
  readonly balance: PlaceBalance
  readonly series: HostSeries
  /** 0.2 is 20 % too much. */
  readonly excess: number
  /** Hours that show it, and the first of them. */
  readonly hours: number
  readonly since: number
}

/** Hosts that stand in each other's place; null on one side where one was only moved. */
export interface Swap {
  readonly from: PlaceBalance
  readonly to: PlaceBalance
  readonly leaves: HostSeries | null
  readonly comes: HostSeries | null
  readonly hours: number
}

/** Fewer hours show nothing. */
const FEWEST_HOURS = 24
/** A factor below it is what meters are off by. */
const LEAST_EXCESS = 0.05
/** Of what is not explained, so much has to be explained by one host alone. */
const EXPLAINED = 0.5
/** F statistic of one more parameter: with thousands of hosts tried, chance stays below it. */
const LEAST_F = 40
/** A swap leaves at most this share of what was not explained. */
const SWAP_LEFT = 0.2
/** A rack is looked into where its balance is off by more than this share of its supply. */
const LEAST_OFF = 0.003

/** Names hosts whose own meter must be wrong, and hosts that must stand elsewhere, from balances of racks by the hour. */
export function suspectsOf(balances: readonly PlaceBalance[]): { readonly liars: Liar[]; readonly swaps: Swap[] } {
  const racks = balances.filter(
    ({ supplied, hosts, balanced }) => supplied.inner.length === 0 && hosts.length > 0 && balanced >= FEWEST_HOURS,
  )
  // What all racks lose alike is no one's fault.
  const usual = medianOf(racks.map(({ residualJ, machinesJ }) => residualJ / machinesJ))
  const offs = new Map(racks.map((rack) => [rack, scaledOff(rack.residual, rack.machines, usual)]))
  const off = racks.filter((rack) => {
    const mean = rack.supplyJ / rack.balanced
    return meanSquare(offs.get(rack) as Float64Array) > (LEAST_OFF * mean) ** 2
  })
  const swaps = swapsOf(off, offs)
  const swapped = new Set(swaps.flatMap(({ from, to }) => [from, to]))
  const liars = off.filter((rack) => !swapped.has(rack)).flatMap((rack) => liarOf(rack) ?? [])
  return { liars, swaps }
}

/** The host whose energy, times a factor, explains most of what the balance is off by beyond a share of all hosts. */
function liarOf(balance: PlaceBalance): Liar | null {
  let best: { readonly series: HostSeries; readonly fit: Fit; readonly since: number } | null = null
  for (const since of [0, changeIn(balance)]) {
    for (const series of balance.hosts) {
      const own = series.joules.map((joules, at) => (at < since ? 0 : joules))
      const fit = fitOne(balance.residual, balance.machines, own)
      if (fit !== null && fit.f > (best?.fit.f ?? LEAST_F)) best = { series, fit, since }
    }
  }
  if (best === null || best.fit.explained < EXPLAINED) return null
  // The meter of the rack shows less than the host says: the residual is -excess / (1 + excess) of what it says.
  const excess = 1 / (1 + best.fit.factor) - 1
  if (!(Math.abs(excess) >= LEAST_EXCESS)) return null
  return { balance, series: best.series, excess, hours: best.fit.hours, since: best.since }
}

/** The hour at which the residual changes most: the step that splits its sum of squares best. */
function changeIn({ residual, machines }: PlaceBalance): number {
  const known = [...residual.keys()].filter((at) => !Number.isNaN(residual[at] ?? Number.NaN))
  const shares = known.map((at) => (residual[at] ?? 0) / (machines[at] || 1))
  const sum = shares.reduce((all, share) => all + share, 0)
  let [best, left, where] = [0, 0, 0]
  for (const [n, share] of shares.entries()) {
    if (n > 0) {
      const gain = left ** 2 / n + (sum - left) ** 2 / (shares.length - n)
      if (gain > best) [best, where] = [gain, n]
    }
    left += share
  }
  return known[where] ?? 0
}

/** Pairs of racks in which one has too much what the other lacks, and the hosts that explain both. */
function swapsOf(racks: readonly PlaceBalance[], offs: ReadonlyMap<PlaceBalance, Float64Array>): Swap[] {
  const found: (Swap & { readonly left: number })[] = []
  for (const [n, from] of racks.entries()) {
    for (const to of racks.slice(n + 1)) {
      const swap = bestSwap(from, to, offs.get(from) as Float64Array, offs.get(to) as Float64Array)
      if (swap !== null) found.push(swap)
    }
  }
  const taken = new Set<PlaceBalance>()
  return found
    .sort((a, b) => a.left - b.left)
    .filter(({ from, to }) => {
      if (taken.has(from) || taken.has(to)) return false
      taken.add(from).add(to)
      return true
    })
}

function bestSwap(
  from: PlaceBalance,
  to: PlaceBalance,
  a: Float64Array,
  b: Float64Array,
): (Swap & { readonly left: number }) | null {
  const both = [...a.keys()].filter((at) => !Number.isNaN((a[at] ?? Number.NaN) + (b[at] ?? Number.NaN)))
  if (both.length < FEWEST_HOURS) return null
  const before = both.reduce((sum, at) => sum + (a[at] ?? 0) ** 2 + (b[at] ?? 0) ** 2, 0)
  let best: (Swap & { readonly left: number }) | null = null
  for (const leaves of [null, ...from.hosts]) {
    for (const comes of [null, ...to.hosts]) {
      if (leaves === comes) continue
      // `from` counts the host that left and lacks the one that came: what it is off by is the difference.
      let after = 0
      for (const at of both) {
        const moved = (leaves?.joules[at] ?? 0) - (comes?.joules[at] ?? 0)
        after += ((a[at] ?? 0) + moved) ** 2 + ((b[at] ?? 0) - moved) ** 2
        if (after > SWAP_LEFT * before || Number.isNaN(after)) break
      }
      const left = after / before
      // Two hosts explain a little more than one by chance alone.
      const isBetter =
        left < (best === null ? SWAP_LEFT : leaves === null || comes === null ? best.left : 0.8 * best.left)
      if (isBetter) best = { from, to, leaves, comes, hours: both.length, left }
    }
  }
  return best
}
