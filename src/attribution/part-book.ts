import type { LeafEnergy, PartIdleRow, PartStates } from '../model/attribution.ts'
import type { Part } from '../model/part.ts'

type Sums = { idleUj: bigint; dynamicUj: bigint }

/** What each part of the machine drew standing idle and beyond, as the split of the same energy among consumers has it. */
export class PartBook {
  readonly #totals = new Map<Part, Sums>()
  #rows = new Map<string, PartIdleRow>()

  /** What a killed process had not split is of nobody, as dynamic energy: so it is here. */
  constructor(restored: readonly PartStates[]) {
    for (const { part, idleUj, dynamicUj, waitingUj } of restored) {
      this.#totals.set(part, { idleUj, dynamicUj: dynamicUj + waitingUj })
    }
  }

  add(hourUnixMs: number, part: Part, idleUj: bigint, dynamicUj: bigint): void {
    const sums = this.#sumsOf(part)
    sums.idleUj += idleUj
    sums.dynamicUj += dynamicUj
    const key = `${hourUnixMs} ${part}`
    this.#rows.set(key, { hourUnixMs, part, idleUj: idleUj + (this.#rows.get(key)?.idleUj ?? 0n) })
  }

  /** Hands over what came since the last call. */
  takeRows(): readonly PartIdleRow[] {
    const rows = [...this.#rows.values()]
    this.#rows = new Map()
    return rows
  }

  /** @param waiting what is not split yet */
  states(waiting: Iterable<readonly LeafEnergy[]>): readonly PartStates[] {
    const waitingUj = new Map<Part, bigint>()
    for (const shares of waiting) {
      for (const { part, energyUj } of shares) {
        this.#sumsOf(part)
        waitingUj.set(part, (waitingUj.get(part) ?? 0n) + energyUj)
      }
    }
    return [...this.#totals].map(([part, sums]) => ({ part, ...sums, waitingUj: waitingUj.get(part) ?? 0n }))
  }

  #sumsOf(part: Part): Sums {
    const known = this.#totals.get(part)
    if (known !== undefined) return known
    const sums = { idleUj: 0n, dynamicUj: 0n }
    this.#totals.set(part, sums)
    return sums
  }
}
