import type { PartEnergy } from '../model/batch.ts'
import type { BookedPosting } from '../model/node-taker.ts'
import { PARTS, type Part } from '../model/part.ts'
import { QUALITIES, type Quality } from '../model/posting.ts'

/** What is booked beside the energy, in µJ, µg and ns. */
export type Side = 'facility' | 'location' | 'market' | 'embodied' | 'covered'

type Name = Side | `${Part}/${Quality}`

/** 95 % (GUM 6.2, normal distribution). */
const K95 = 2

/** A stretch of time on some clock, in ns. */
export interface Span {
  readonly startNs: bigint
  readonly endNs: bigint
}

/** As little memory as they can be kept in: a third. */
export interface PackedAmounts {
  /** What each number is of. It stays the same for hours, and then is one string. */
  readonly names: string
  readonly numbers: string
}

type Names = readonly [whole: readonly Name[], unknown: readonly Name[], uncertainty: readonly string[]]

/** Sums of the account: whole numbers, which parts of a time share without a rest, and their standard uncertainties. */
export class Amounts {
  readonly #whole = new Map<Name, bigint>()
  /** Of which something is not known: it has no sum. */
  readonly #unknown = new Set<Name>()
  /** In µJ by what is wrong together. */
  readonly #uncertainty = new Map<string, number>()

  static of({ shares, coveredNs, uncertainty, booked }: BookedPosting): Amounts {
    const amounts = new Amounts()
    for (const { part, quality, energyUj } of shares) amounts.#add(`${part}/${quality}`, energyUj)
    amounts.#add('covered', coveredNs)
    amounts.#add('facility', booked.facilityUj)
    amounts.#add('location', booked.co2eLocationUg)
    amounts.#add('market', booked.co2eMarketUg)
    amounts.#add('embodied', booked.embodiedUg)
    for (const [factor, uj] of uncertainty) amounts.#addUncertainty(factor, uj)
    return amounts
  }

  add(other: Amounts): void {
    for (const [name, value] of other.#whole) this.#add(name, value)
    for (const name of other.#unknown) this.#unknown.add(name)
    for (const [factor, uj] of other.#uncertainty) this.#addUncertainty(factor, uj)
  }

  /** The part of these amounts, which are of `span`, that falls into `[fromNs, toNs)`, in proportion to time. */
  within(span: Span, fromNs: bigint, toNs: bigint): Amounts {
    const startNs = fromNs > span.startNs ? fromNs : span.startNs
    const endNs = toNs < span.endNs ? toNs : span.endNs
    const part = new Amounts()
    if (endNs <= startNs) return part
    const lengthNs = span.endNs - span.startNs
    // Of running sums, so that neighbours share what is rounded.
    const until = (value: bigint, ns: bigint) => (value * (ns - span.startNs)) / lengthNs
    for (const [name, value] of this.#whole) part.#add(name, until(value, endNs) - until(value, startNs))
    for (const name of this.#unknown) part.#unknown.add(name)
    const ratio = Number(endNs - startNs) / Number(lengthNs)
    for (const [factor, uj] of this.#uncertainty) part.#addUncertainty(factor, uj * ratio)
    return part
  }

  get energyUj(): bigint {
    return this.parts.reduce((sum, { energyUj }) => sum + energyUj, 0n)
  }

  /** Those that are not zero, in the order of the account. */
  get parts(): readonly PartEnergy[] {
    return PARTS.flatMap((part) =>
      QUALITIES.flatMap((quality) => {
        const energyUj = this.#whole.get(`${part}/${quality}`) ?? 0n
        return energyUj === 0n ? [] : { part, quality, energyUj }
      }),
    )
  }

  /** Null where a part of it is not known. */
  of(side: Side): bigint | null {
    return this.#unknown.has(side) ? null : (this.#whole.get(side) ?? 0n)
  }

  /** Half-width of the 95 % interval of the energy, in µJ. */
  get uncertaintyUj(): number {
    return K95 * Math.hypot(...this.#uncertainty.values())
  }

  /** `before`: the names of amounts that are kept already. */
  pack(before?: string): PackedAmounts {
    const parts: Names = [[...this.#whole.keys()], [...this.#unknown], [...this.#uncertainty.keys()]]
    const names = JSON.stringify(parts)
    const numbers = [...this.#whole.values(), ...this.#uncertainty.values()].join()
    return { names: names === before ? before : names, numbers }
  }

  static unpack({ names, numbers }: PackedAmounts): Amounts {
    const [whole, unknown, uncertainty] = JSON.parse(names) as Names
    const values = numbers.split(',')
    const wholeOf = whole.map((name, index) => [name, values[index] ?? '0'] as const)
    const uncertaintyOf = uncertainty.map((factor, index) => [factor, Number(values[whole.length + index])] as const)
    return Amounts.#of(wholeOf, unknown, uncertaintyOf)
  }

  /** For the ledger. */
  toText(): string {
    const whole = [...this.#whole].map(([name, value]) => [name, value.toString()])
    return JSON.stringify({
      whole: Object.fromEntries(whole),
      unknown: [...this.#unknown],
      uncertainty: Object.fromEntries(this.#uncertainty),
    })
  }

  /** Throws for what is no text of an earlier run. */
  static fromText(text: string): Amounts {
    const { whole, unknown, uncertainty } = JSON.parse(text) as {
      readonly whole: Readonly<Record<Name, string>>
      readonly unknown: readonly Name[]
      readonly uncertainty: Readonly<Record<string, number>>
    }
    return Amounts.#of(Object.entries(whole) as [Name, string][], unknown, Object.entries(uncertainty))
  }

  static #of(
    whole: readonly (readonly [Name, string])[],
    unknown: readonly Name[],
    uncertainty: readonly (readonly [factor: string, uj: number])[],
  ): Amounts {
    const amounts = new Amounts()
    for (const [name, value] of whole) amounts.#add(name, BigInt(value))
    for (const name of unknown) amounts.#unknown.add(name)
    for (const [factor, uj] of uncertainty) amounts.#addUncertainty(factor, uj)
    return amounts
  }

  #add(name: Name, value: bigint | null): void {
    if (value === null) this.#unknown.add(name)
    else if (value !== 0n) this.#whole.set(name, (this.#whole.get(name) ?? 0n) + value)
  }

  #addUncertainty(factor: string, uj: number): void {
    this.#uncertainty.set(factor, (this.#uncertainty.get(factor) ?? 0) + uj)
  }
}
