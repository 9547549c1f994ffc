import { shareOut } from '../../model/share.ts'

/** Whole amounts by name. */
export type Amounts = ReadonlyMap<string, bigint>

export function add(amounts: Map<string, bigint>, name: string, amount: bigint): void {
  amounts.set(name, (amounts.get(name) ?? 0n) + amount)
}

export function sumOf(amounts: Iterable<bigint>): bigint {
  let sum = 0n
  for (const amount of amounts) sum += amount
  return sum
}

/** `whole` in proportion to weights; null where nobody has any. The order of the weights makes no difference. */
export function divided(whole: bigint, weights: Amounts): Map<string, bigint> | null {
  if (sumOf(weights.values()) === 0n) return null
  const names = [...weights.keys()].sort()
  const parts = shareOut(
    whole,
    names.map((name) => weights.get(name) ?? 0n),
  )
  return new Map(names.map((name, index) => [name, parts[index] ?? 0n]))
}

/** Whole amounts by row and column, such as energy of users in clusters. */
export class Matrix {
  readonly #rows = new Map<string, Map<string, bigint>>()

  add(row: string, column: string, amount: bigint): void {
    const cells = this.#rows.get(row) ?? new Map<string, bigint>()
    add(cells, column, amount)
    this.#rows.set(row, cells)
  }

  addColumn(column: string, amounts: Amounts): void {
    for (const [row, amount] of amounts) this.add(row, column, amount)
  }

  get(row: string, column: string): bigint {
    return this.#rows.get(row)?.get(column) ?? 0n
  }

  row(row: string): Amounts {
    return this.#rows.get(row) ?? new Map()
  }

  /** Those with anything in them, in order. */
  get rows(): string[] {
    return [...this.#rows]
      .flatMap(([row, cells]) => ([...cells.values()].some((cell) => cell !== 0n) ? row : []))
      .sort()
  }

  get columns(): string[] {
    return [...new Set([...this.#rows.values()].flatMap((cells) => [...cells.keys()]))].sort()
  }

  get total(): bigint {
    return sumOf([...this.#rows.values()].map((cells) => sumOf(cells.values())))
  }
}
