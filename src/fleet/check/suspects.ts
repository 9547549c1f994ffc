import type { HostSeries } from '../account/account.ts'
import type { PlaceBalance } from '../account/balances.ts'
import { type Fit, fitOne, meanSquare, medianOf, scaledOff } from './fit.ts'
import { FEWEST_HOURS, type Swap, shareIn, swapBetween } from './swap.ts'

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

/** A factor below it is what meters are off by. */
const LEAST_EXCESS = 0.05
/** Of what is not explained, so much has to be explained by one host alone. */
const EXPLAINED = 0.5
/** F statistic of one more parameter: with thousands of hosts tried, chance stays below it. */
const LEAST_F = 40
/** A rack is looked into where its balance is off by more than this share of its supply. */
const LEAST_OFF = 0.003

/** Names hosts whose own meter must be wrong, and hosts that must stand elsewhere, from balances of racks by the hour. */
export function suspectsOf(balances: readonly PlaceBalance[]): { readonly liars: Liar[]; readonly swaps: Swap[] } {
  const racks = balances.filter(
    ({ supplied, hosts, balanced }) => supplied.inner.length === 0 && hosts.length > 0 && balanced >= FEWEST_HOURS,
  )
  // What all racks lose alike is no one's fault.
  const usual = medianOf(racks.map(({ residualJ, machinesJ }) => residualJ / machinesJ))
  const isOff = (rack: PlaceBalance, share: number) => {
    const mean = rack.supplyJ / rack.balanced
    return meanSquare(scaledOff(rack.residual, rack.machines, share)) > (LEAST_OFF * mean) ** 2
  }
  const off = racks.filter((rack) => isOff(rack, usual))
  // What a meter is off by all the time, within its class, is no host's either.
  const swaps = swapsOf(racks.filter((rack) => isOff(rack, shareIn(rack))))
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
function swapsOf(racks: readonly PlaceBalance[]): Swap[] {
  const found: (Swap & { readonly left: number })[] = []
  for (const [n, from] of racks.entries()) {
    for (const to of racks.slice(n + 1)) found.push(...swapBetween(from, to))
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
