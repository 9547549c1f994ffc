import type { LedgerState, NodeTotals } from '../model/batch.ts'
import { EMISSION_ACCOUNTS, INTENSITY_BASES } from '../model/carbon.ts'
import type { ChannelKey } from '../model/channel.ts'
import { QUALITIES } from '../model/posting.ts'

/** Totals by name: `node/measured`, `channel/rapl/package/package-0/energy`, ... */
export type Totals = Map<string, bigint>

/** The part of the state that is shown as totals. */
export type TotalsState = Pick<LedgerState, 'channels' | 'carbon' | 'selfEnergyUj'> & {
  readonly node: NodeTotals
}

/** Totals lie as much above what is on disk as so many flush intervals bring. */
const AHEAD = 2n
/** Weight of the newest interval in the usual growth: 1 of 8. */
const SMOOTHING = 8n

export function totalsOf({ node, channels, carbon, selfEnergyUj }: TotalsState): Totals {
  const totals: Totals = new Map([
    ['self', selfEnergyUj],
    ['node/unaccounted', node.unaccountedNs],
    ['water/site', carbon.siteWaterUl],
    ['water/grid', carbon.gridWaterUl],
  ])
  for (const quality of QUALITIES) totals.set(`node/${quality}`, node.energyUj[quality])
  for (const { part, quality, energyUj } of node.parts) totals.set(`part/${part}/${quality}`, energyUj)
  for (const { name, unaccountedNs } of node.leafGaps) totals.set(`leaf/${name}/unaccounted`, unaccountedNs)
  for (const account of EMISSION_ACCOUNTS) {
    for (const basis of INTENSITY_BASES) totals.set(`co2e/${account}/${basis}`, carbon.bookedUg[account][basis])
  }
  for (const { key, energyUj, unaccountedNs, wraps, resets } of channels) {
    totals.set(channelTotal(key, 'energy'), energyUj)
    totals.set(channelTotal(key, 'unaccounted'), unaccountedNs)
    totals.set(channelTotal(key, 'wraps'), BigInt(wraps))
    totals.set(channelTotal(key, 'resets'), BigInt(resets))
  }
  return totals
}

export function channelTotal(key: ChannelKey, what: 'energy' | 'unaccounted' | 'wraps' | 'resets'): string {
  return `channel/${key}/${what}`
}

/**
 * What may be shown of totals that are ahead of the disk. Each flush writes a ceiling for each total, and no scrape shows
 * more. So whatever ends the process, the next one knows what may have been shown: it shows that until the true total has
 * passed it. A shown total never falls, nothing is counted twice, and in the long run it is the true one.
 */
export class ShownTotals {
  readonly #intervalNs: bigint
  /** What may have been shown by an earlier process. */
  readonly #floors: Totals
  #ceilings: Totals
  #flushed: Totals
  #last: { readonly totals: Totals; readonly atNs: bigint } | null = null
  /** Growth in one flush interval. */
  readonly #usual = new Map<string, bigint>()

  /**
   * @param intervalNs from one flush to the next
   * @param restored totals and ceilings that the ledger holds
   */
  constructor(intervalNs: bigint, restored: { readonly totals: Totals; readonly ceilings: Totals } | null) {
    this.#intervalNs = intervalNs
    this.#flushed = restored?.totals ?? new Map()
    this.#floors = new Map([...this.#flushed, ...(restored?.ceilings ?? [])])
    this.#ceilings = new Map(this.#floors)
  }

  shown(name: string, total: bigint): bigint {
    return least(most(total, this.#floors.get(name) ?? 0n), this.#ceilings.get(name) ?? 0n)
  }

  /** Whether a total is half way to its ceiling, so that the next flush should not wait. */
  isNear(totals: Totals): boolean {
    for (const [name, total] of totals) {
      const flushed = this.#flushed.get(name) ?? 0n
      const ahead = (this.#ceilings.get(name) ?? 0n) - flushed
      if (ahead > 0n && 2n * (total - flushed) > ahead) return true
    }
    return false
  }

  /** Totals to write with these totals. `isLast`: nothing is shown any more after them. */
  ceilingsFor(totals: Totals, atNs: bigint, isLast: boolean): Totals {
    const ceilings = new Map<string, bigint>()
    for (const [name, total] of totals) {
      const ahead = isLast ? 0n : AHEAD * this.#growthOf(name, total, atNs)
      const ceiling = most(total + ahead, this.#floors.get(name) ?? 0n)
      if (ceiling > total) ceilings.set(name, ceiling)
    }
    this.#last = { totals, atNs }
    return ceilings
  }

  /** A flush with these is on disk. */
  flushed(totals: Totals, ceilings: Totals): void {
    this.#flushed = totals
    this.#ceilings = new Map([...totals, ...ceilings])
    for (const [name, floor] of this.#floors) if (floor <= (totals.get(name) ?? 0n)) this.#floors.delete(name)
  }

  /** What a flush interval brings at the present pace, and no less than it usually does. */
  #growthOf(name: string, total: bigint, atNs: bigint): bigint {
    const elapsedNs = atNs - (this.#last?.atNs ?? atNs)
    const before = this.#last?.totals.get(name)
    if (before === undefined || elapsedNs <= 0n) return this.#usual.get(name) ?? 0n
    const grown = ((total - before) * this.#intervalNs) / elapsedNs
    const usual = this.#usual.get(name) ?? grown
    this.#usual.set(name, usual + (grown - usual) / SMOOTHING)
    return most(grown, usual)
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b)
