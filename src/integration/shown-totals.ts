import type { AttributionTotals, ConsumerTotal } from '../model/attribution.ts'
import type { LedgerState, NodeTotals } from '../model/batch.ts'
import { least, most } from '../model/bigint.ts'
import { EMISSION_ACCOUNTS, INTENSITY_BASES } from '../model/carbon.ts'
import type { ChannelKey } from '../model/channel.ts'
import { type Consumer, consumerKey } from '../model/consumer.ts'
import { FIGURES, figureOf } from '../model/footprint.ts'
import { NS_PER_S } from '../model/units.ts'

/** Totals by name: `part/rest/measured`, `channel/rapl/package/package-0/energy`, ... The machine's are the sums of its parts'. */
export type Totals = Map<string, bigint>

/** The part of the state that is shown as totals. */
export type TotalsState = Pick<LedgerState, 'channels' | 'nodeModels' | 'carbon' | 'selfEnergyUj'> & {
  readonly node: NodeTotals
  readonly attribution: AttributionTotals | null
}

/** Ceilings lie as far above what is on disk as so many flush intervals bring, and no less than this time does. */
const AHEAD_INTERVALS = 2n
const LEAST_AHEAD_NS = 10n * NS_PER_S
/** The pace is that of so many intervals, and of so many at least. */
const PACE_INTERVALS = 6
const LEAST_PACES = 2

/** @param totals those of an earlier state, which become these: most names stay. Default: new ones */
export function totalsOf(state: TotalsState, totals: Totals = new Map()): Totals {
  const { node, nodeModels, channels, carbon, selfEnergyUj, attribution } = state
  let names = 0
  const set = (name: string, total: bigint) => {
    totals.set(name, total)
    names++
  }
  set('self', selfEnergyUj)
  set('node/unaccounted', node.unaccountedNs)
  set('water/site', carbon.siteWaterUl)
  set('water/grid', carbon.gridWaterUl)
  for (const { part, quality, energyUj } of node.parts) set(`part/${part}/${quality}`, energyUj)
  for (const { name, unaccountedNs } of node.leafGaps) set(`leaf/${name}/unaccounted`, unaccountedNs)
  for (const { meter, changes } of nodeModels) set(`model/${meter}/changes`, changes)
  for (const account of EMISSION_ACCOUNTS) {
    for (const basis of INTENSITY_BASES) set(`co2e/${account}/${basis}`, carbon.bookedUg[account][basis])
  }
  for (const { key, energyUj, unaccountedNs, wraps, resets } of channels) {
    set(channelTotal(key, 'energy'), energyUj)
    set(channelTotal(key, 'unaccounted'), unaccountedNs)
    set(channelTotal(key, 'wraps'), BigInt(wraps))
    set(channelTotal(key, 'resets'), BigInt(resets))
  }
  for (const { part, idleUj, dynamicUj } of attribution?.parts ?? []) {
    set(`state/${part}/idle`, idleUj)
    set(`state/${part}/dynamic`, dynamicUj)
  }
  attribution?.consumers.forEach((one) => {
    set(consumerTotal(one, 'idle'), one.idleUj)
    set(consumerTotal(one, 'dynamic'), one.dynamicUj)
    for (let index = 0; index < FIGURES.length; index++) {
      const name = FIGURES[index]
      const figure = figureOf(one.booked, index)
      // Most have few: what is not counted is zero for ever.
      if (name !== undefined && figure > 0n) set(consumerTotal(one, name), figure)
    }
  })
  for (const { tenant, idleUj, dynamicUj } of attribution?.tenants ?? []) {
    set(`tenant/${tenant}/idle`, idleUj)
    set(`tenant/${tenant}/dynamic`, dynamicUj)
  }
  if (totals.size <= names) return totals
  // Some are no more.
  totals.clear()
  return totalsOf(state, totals)
}

/** Makes one what the other is, in place. */
export function copyTotals(from: Totals, to: Totals): void {
  from.forEach((total, name) => void to.set(name, total))
  if (to.size === from.size) return
  to.forEach((_, name) => {
    if (!from.has(name)) to.delete(name)
  })
}

type ConsumerFigure = 'idle' | 'dynamic' | (typeof FIGURES)[number]

/** Each look asks for each name several times, and the maps of a dozen flushes hold it: so it is one string. */
const consumerNames = new WeakMap<Consumer, { readonly tenant: string; readonly names: Map<ConsumerFigure, string> }>()

/** The id and the tenant of a consumer may hold a slash, and no tenant a line feed. */
export function consumerTotal({ consumer, tenant }: ConsumerTotal, what: ConsumerFigure): string {
  let known = consumerNames.get(consumer)
  if (known?.tenant !== tenant) {
    known = { tenant, names: new Map() }
    consumerNames.set(consumer, known)
  }
  const name = known.names.get(what) ?? `consumer/${tenant}\n${consumerKey(consumer)}/${what}`
  known.names.set(what, name)
  return name
}

export function channelTotal(key: ChannelKey, what: 'energy' | 'unaccounted' | 'wraps' | 'resets'): string {
  return `channel/${key}/${what}`
}

/**
 * What may be shown of totals that are ahead of the disk. Each flush writes a ceiling for each total, and no scrape shows
 * more. So whatever ends the process, the next one knows what may have been shown, or by a record what really was: it shows
 * that until the true total has passed it. A shown total never falls, nothing is counted twice, and in the long run it is the
 * true one.
 */
export class ShownTotals {
  readonly #aheadNs: bigint
  /** What may have been shown by an earlier process. */
  readonly #floors: Totals
  #ceilings: Totals
  #flushed: Totals
  /** From where on each total is near its ceiling, and the ceilings as a batch has them; null until somebody asks. */
  #near: Totals | null = null
  #above: Readonly<Record<string, bigint>> | null = null
  /** The machine's energy on disk, and the sum of its parts' ceilings. */
  #machine: { readonly flushedUj: bigint; readonly ceilingUj: bigint }
  /** The last flush, whether or not it came to the disk. */
  #last: { readonly totals: Totals; readonly atNs: bigint } | null = null
  /** What each of the last intervals would bring in the time that ceilings lie ahead, oldest first; of totals that grew. */
  #paces: readonly Totals[] = []

  /**
   * @param intervalNs from one flush to the next
   * @param restored totals and ceilings that the ledger holds
   * @param seen what was shown beyond these totals; null where it is not known, so that it may be all up to the ceilings
   */
  constructor(
    intervalNs: bigint,
    restored: { readonly totals: Totals; readonly ceilings: Totals } | null,
    seen: Totals | null = null,
  ) {
    this.#aheadNs = most(AHEAD_INTERVALS * intervalNs, LEAST_AHEAD_NS)
    this.#flushed = restored?.totals ?? new Map()
    this.#ceilings = new Map(this.#flushed)
    for (const [name, ceiling] of restored?.ceilings ?? []) {
      this.#ceilings.set(name, most(ceiling, this.#flushed.get(name) ?? 0n))
    }
    this.#floors = new Map(this.#ceilings)
    if (seen !== null) {
      for (const [name, ceiling] of this.#ceilings) {
        const floor = most(this.#flushed.get(name) ?? 0n, seen.get(name) ?? 0n)
        this.#floors.set(name, least(floor, ceiling))
      }
    }
    this.#machine = this.#machineOf()
  }

  /** What an earlier process may have shown. */
  get floors(): Totals {
    return new Map(this.#floors)
  }

  /** What may be shown of each: these totals themselves where that is all of them, as nearly always. */
  of(totals: Totals): Totals {
    let shown = totals
    totals.forEach((total, name) => {
      const may = this.shown(name, total)
      if (may === total) return
      if (shown === totals) shown = new Map(totals)
      shown.set(name, may)
    })
    return shown
  }

  shown(name: string, total: bigint): bigint {
    return least(most(total, this.#floors.get(name) ?? 0n), this.#ceilings.get(name) ?? 0n)
  }

  /** Whether a total has gone three quarters of the way to its ceiling, so that the next flush should not wait. */
  isNear(totals: Totals): boolean {
    this.#near ??= this.#nearOf()
    const near = this.#near
    let isAnyPast = false
    totals.forEach((total, name) => {
      isAnyPast ||= total > (near.get(name) ?? 0n)
    })
    return isAnyPast
  }

  /**
   * Whether the machine's energy has, and with it some total of its, or no pace is known yet, so that any total may have: a
   * question for each second.
   */
  isMachineNear(totalUj: bigint): boolean {
    const { flushedUj, ceilingUj } = this.#machine
    return this.#paces.length < LEAST_PACES || totalUj > nearOf(flushedUj, ceilingUj)
  }

  /** Ceilings to write with these totals. `isLast`: nothing is shown any more after them. */
  ceilingsFor(totals: Totals, atNs: bigint, isLast: boolean): Totals {
    this.#learn(totals, atNs)
    this.#near = null
    this.#above = null
    const ceilings = new Map<string, bigint>()
    totals.forEach((total, name) => {
      const ceiling = most(total + (isLast ? 0n : this.#aheadOf(name)), this.#floors.get(name) ?? 0n)
      if (ceiling > total) ceilings.set(name, ceiling)
      // Also a write that fails may have come to the disk: until it is acknowledged the lower ceiling holds.
      this.#ceilings.set(name, least(ceiling, this.#ceilings.get(name) ?? 0n))
    })
    return ceilings
  }

  /** Those above the totals that are on disk, and there as well. The same object until another flush. */
  get ceilings(): Readonly<Record<string, bigint>> {
    if (this.#above !== null) return this.#above
    const above: Record<string, bigint> = {}
    this.#ceilings.forEach((ceiling, name) => {
      if (ceiling > (this.#flushed.get(name) ?? 0n)) above[name] = ceiling
    })
    this.#above = above
    return above
  }

  /** A flush with these is on disk. */
  flushed(totals: Totals, ceilings: Totals): void {
    this.#flushed = totals
    this.#ceilings = new Map([...totals, ...ceilings])
    this.#near = null
    this.#above = null
    this.#machine = this.#machineOf()
    for (const [name, floor] of this.#floors) if (floor <= (totals.get(name) ?? 0n)) this.#floors.delete(name)
  }

  #nearOf(): Totals {
    const near: Totals = new Map()
    this.#ceilings.forEach((ceiling, name) => {
      near.set(name, nearOf(this.#flushed.get(name) ?? 0n, ceiling))
    })
    return near
  }

  #machineOf(): { readonly flushedUj: bigint; readonly ceilingUj: bigint } {
    let [flushedUj, ceilingUj] = [0n, 0n]
    this.#ceilings.forEach((ceiling, name) => {
      if (!name.startsWith('part/')) return
      flushedUj += this.#flushed.get(name) ?? 0n
      ceilingUj += ceiling
    })
    return { flushedUj, ceilingUj }
  }

  #learn(totals: Totals, atNs: bigint): void {
    const last = this.#last
    this.#last = { totals, atNs }
    if (last === null) return
    const pace = new Map<string, bigint>()
    if (atNs > last.atNs) {
      const tookNs = atNs - last.atNs
      totals.forEach((total, name) => {
        const grown = total - (last.totals.get(name) ?? total)
        if (grown > 0n) pace.set(name, (grown * this.#aheadNs) / tookNs)
      })
    }
    this.#paces = [...this.#paces, pace].slice(-PACE_INTERVALS)
  }

  /** By the second most that an interval brought: the most may be the energy of an outage or the hours of a suspend. */
  #aheadOf(name: string): bigint {
    let first = 0n
    let second = 0n
    this.#paces.forEach((pace) => {
      const ahead = pace.get(name) ?? 0n
      if (ahead > first) {
        second = first
        first = ahead
      } else if (ahead > second) second = ahead
    })
    return second
  }
}

/** Three quarters of the way, rounded down. */
function nearOf(flushed: bigint, ceiling: bigint): bigint {
  return flushed + ((3n * (ceiling - flushed)) >> 2n)
}
