import { type NodeRow, type NodeState, type NodeTotals, type PartEnergy, type PartRow, ROW_MS } from '../model/batch.ts'
import { sumOrNull } from '../model/bigint.ts'
import type { CarbonAccount } from '../model/carbon.ts'
import { type Booked, NOTHING_BOOKED } from '../model/node-taker.ts'
import type { Part } from '../model/part.ts'
import { QUALITIES, type Quality } from '../model/posting.ts'
import { MINUTE_MS } from '../model/time.ts'
import { meanPowerUw } from '../model/units.ts'
import { type Coverage, energyOf, type NodePosting } from './node-posting.ts'
import { cutAtMinutes, minuteOf, type Piece, RowCollector, wholeMs } from './row-collector.ts'
import { HourlyUncertainty, UncertaintyBudget } from './uncertainty.ts'

interface NodeExtra extends Booked {
  readonly meter: string
  readonly quality: Quality
}

const PPM = 1_000_000n

/** Figures older than this are not shown as the power of now. */
const FRESH_NS = 60_000_000_000n

/** Totals of the node and of its parts, and the rows that the next flush writes. */
export class NodeBooks {
  readonly #carbon: CarbonAccount
  readonly #energyUj: Record<Quality, bigint>
  readonly #parts = new Map<string, PartEnergy>()
  #unaccountedNs: bigint
  readonly #leafGapsNs = new Map<string, bigint>()
  #last: NodePosting | null = null
  #meter: string | null
  readonly #hourly = new HourlyUncertainty()
  readonly #rows = new RowCollector<NodeExtra>(ROW_MS, addTo)
  readonly #partRows = new RowCollector<Pick<PartEnergy, 'part' | 'quality'>>(MINUTE_MS, () => {})
  /** Of each meter and minute. */
  #budgets = new Map<string, UncertaintyBudget>()

  constructor(carbon: CarbonAccount, state: NodeState | null) {
    this.#carbon = carbon
    this.#energyUj = { ...(state?.energyUj ?? { measured: 0n, derived: 0n, estimated: 0n }) }
    for (const part of state?.parts ?? []) this.#parts.set(`${part.part} ${part.quality}`, part)
    this.#unaccountedNs = state?.unaccountedNs ?? 0n
    for (const { name, unaccountedNs } of state?.leafGaps ?? []) this.#leafGapsNs.set(name, unaccountedNs)
    this.#meter = state?.meter ?? null
  }

  /** Counts and prices a posting. Returns what was booked for it. */
  post(posting: NodePosting, startUnixMs: number): Booked {
    const { shares, uncertainty, meter } = posting
    let booked = NOTHING_BOOKED
    const durationNs = posting.endNs - posting.startNs
    const parts = partsOf(shares)
    for (const quality of QUALITIES) {
      const energyUj = energyOf(parts.filter((one) => one.quality === quality))
      this.#energyUj[quality] += energyUj
      for (const piece of energyUj > 0n ? cutAtMinutes(startUnixMs, durationNs, energyUj) : []) {
        booked = bothBooked(booked, this.#addRow(meter, quality, { ...piece, durationNs: 0n }))
      }
    }
    for (const { part, quality, energyUj } of parts) {
      const key = `${part} ${quality}`
      this.#parts.set(key, { part, quality, energyUj: (this.#parts.get(key)?.energyUj ?? 0n) + energyUj })
      for (const piece of cutAtMinutes(startUnixMs, durationNs, energyUj))
        this.#partRows.add(key, piece, { part, quality })
    }
    this.#hourly.add(minuteOf(startUnixMs), energyOf(shares), uncertainty)
    for (const piece of cutAtMinutes(startUnixMs, durationNs, 0n)) {
      const share = Number(piece.durationNs) / Number(durationNs)
      this.#budgetOf(minuteOf(piece.startUnixMs), meter).addAll(scaled(uncertainty, share))
    }
    return booked
  }

  /** Tells which time is covered, each moment once, before its posting comes. Returns what was booked for it. */
  cover({ startNs, endNs, counted }: Coverage, startUnixMs: number): Booked {
    let booked = NOTHING_BOOKED
    if (counted === null) {
      this.missed(endNs - startNs)
      return booked
    }
    const { shares, meter } = counted
    const { quality, energyUj } = largestOf(shares) ?? { quality: 'estimated', energyUj: 0n }
    for (const piece of cutAtMinutes(startUnixMs, endNs - startNs, 0n)) {
      const embodiedUg = this.#carbon.cover(piece.startUnixMs, piece.durationNs)
      if (energyUj === 0n) booked = bothBooked(booked, this.#addRow(meter, quality, piece, embodiedUg))
      else {
        // The rest of it is booked with the energy.
        const made = { ...NOTHING_BOOKED, embodiedUg }
        this.#rows.add(rowKey(meter, quality), piece, { meter, quality, ...made })
        booked = bothBooked(booked, made)
      }
    }
    this.#last = counted
    this.#meter = meter
    return booked
  }

  leafMissed(leaf: string, durationNs: bigint): void {
    if (durationNs > 0n) this.#leafGapsNs.set(leaf, (this.#leafGapsNs.get(leaf) ?? 0n) + durationNs)
  }

  missed(durationNs: bigint): void {
    this.#unaccountedNs += durationNs
  }

  takeRows(): { readonly nodeRows: NodeRow[]; readonly partRows: PartRow[] } {
    const rows = this.#rows.take()
    const energyUj = new Map<string, bigint>()
    for (const row of rows) {
      const key = budgetKey(minuteOf(row.startUnixMs), row.meter)
      energyUj.set(key, (energyUj.get(key) ?? 0n) + row.energyUj)
    }
    const nodeRows = rows.map(({ durationNs, ...row }) => {
      const key = budgetKey(minuteOf(row.startUnixMs), row.meter)
      const sumUj = energyUj.get(key) ?? 0n
      const share = sumUj > 0n ? Number(row.energyUj) / Number(sumUj) : 0
      const uncertaintyUj = BigInt(Math.round((this.#budgets.get(key)?.combined() ?? 0) * share))
      return { ...row, coveredMs: wholeMs(durationNs), uncertaintyUj }
    })
    this.#budgets = new Map()
    return { nodeRows, partRows: this.#partRows.take().map(({ durationNs, ...row }) => row) }
  }

  get totals(): NodeTotals {
    return {
      energyUj: { ...this.#energyUj },
      parts: [...this.#parts.values()],
      unaccountedNs: this.#unaccountedNs,
      leafGaps: [...this.#leafGapsNs].map(([name, unaccountedNs]) => ({ name, unaccountedNs })),
    }
  }

  /** Meter of the newest time that is covered, be it of an earlier run. */
  get meter(): string | null {
    return this.#meter
  }

  get totalUj(): bigint {
    return this.#energyUj.measured + this.#energyUj.derived + this.#energyUj.estimated
  }

  get uncertaintyRatio(): number | null {
    return this.#hourly.ratio()
  }

  /** What the newest time is counted by; null before anything is. */
  get last(): NodePosting | null {
    return this.#last
  }

  /** Mean power of the newest time, while it is recent. */
  powerUw(nowNs: bigint): bigint | null {
    const last = this.#last
    if (last === null || nowNs - last.endNs > FRESH_NS) return null
    return meanPowerUw(energyOf(last.shares), last.endNs - last.startNs)
  }

  /** Shares in that power; empty where it is not known. */
  partShares(nowNs: bigint): ReadonlyMap<Part, number> {
    const last = this.#last
    const powerUw = this.powerUw(nowNs)
    const shares = new Map<Part, number>()
    if (last === null || powerUw === null || powerUw === 0n) return shares
    const wholeUj = Number(energyOf(last.shares))
    for (const { part, energyUj } of last.shares) shares.set(part, (shares.get(part) ?? 0) + Number(energyUj) / wholeUj)
    return shares
  }

  #addRow(
    meter: string,
    quality: Quality,
    piece: Piece,
    embodiedUg = this.#carbon.cover(piece.startUnixMs, 0n),
  ): Booked {
    const { energyUj, startUnixMs, endUnixMs } = piece
    const { puePpm, ...emissions } = this.#carbon.book(energyUj, startUnixMs, endUnixMs)
    const booked = { facilityUj: (energyUj * puePpm + PPM / 2n) / PPM, ...emissions, embodiedUg }
    this.#rows.add(rowKey(meter, quality), piece, { meter, quality, ...booked })
    return booked
  }

  #budgetOf(minuteUnixMs: number, meter: string): UncertaintyBudget {
    const key = budgetKey(minuteUnixMs, meter)
    const known = this.#budgets.get(key)
    if (known !== undefined) return known
    const budget = new UncertaintyBudget()
    this.#budgets.set(key, budget)
    return budget
  }
}

const budgetKey = (minuteUnixMs: number, meter: string): string => `${minuteUnixMs} ${meter}`

const rowKey = (meter: string, quality: Quality): string => `${meter} ${quality}`

/** What leaves of one part and quality brought together. */
function partsOf(shares: NodePosting['shares']): readonly PartEnergy[] {
  const parts: { part: PartEnergy['part']; quality: Quality; energyUj: bigint }[] = []
  for (const { part, quality, energyUj } of shares) {
    const known = parts.find((one) => one.part === part && one.quality === quality)
    if (known === undefined) parts.push({ part, quality, energyUj })
    else known.energyUj += energyUj
  }
  return parts
}

function* scaled(contributions: NodePosting['uncertainty'], share: number): Iterable<readonly [string, number]> {
  for (const [sharedFactor, contribution] of contributions) yield [sharedFactor, contribution * share]
}

function largestOf(shares: NodePosting['shares']): NodePosting['shares'][number] | undefined {
  let largest = shares[0]
  for (const share of shares) if (largest !== undefined && share.energyUj > largest.energyUj) largest = share
  return largest
}

function addTo(row: { -readonly [Key in keyof NodeExtra]: NodeExtra[Key] }, extra: NodeExtra): void {
  row.facilityUj += extra.facilityUj
  row.co2eLocationUg = sumOrNull(row.co2eLocationUg, extra.co2eLocationUg)
  row.co2eMarketUg = sumOrNull(row.co2eMarketUg, extra.co2eMarketUg)
  row.embodiedUg = sumOrNull(row.embodiedUg, extra.embodiedUg)
  row.siteWaterUl = sumOrNull(row.siteWaterUl, extra.siteWaterUl)
  row.gridWaterUl = sumOrNull(row.gridWaterUl, extra.gridWaterUl)
}

export function bothBooked(a: Booked, b: Booked): Booked {
  return {
    facilityUj: a.facilityUj + b.facilityUj,
    co2eLocationUg: sumOrNull(a.co2eLocationUg, b.co2eLocationUg),
    co2eMarketUg: sumOrNull(a.co2eMarketUg, b.co2eMarketUg),
    embodiedUg: sumOrNull(a.embodiedUg, b.embodiedUg),
    siteWaterUl: sumOrNull(a.siteWaterUl, b.siteWaterUl),
    gridWaterUl: sumOrNull(a.gridWaterUl, b.gridWaterUl),
  }
}
