/** Levels of power whose bounds are so far apart: 10 %. */
const WIDTH = Math.log(1.1)
/** Rows at one level that tell as much as they seem to. */
const FULL_ROWS = 100

/**
 * How often each level of power was seen. The rows of an idle week say again and again what the first ones said, with the same
 * rounding: were they believed to be independent, their rounding would bend the model.
 */
export class Levels {
  readonly #rows = new Map<number, number>()

  /** By how much the variance of one more row at a level is larger than that of the first ones. */
  count(chipsW: number): number {
    const level = Math.round(Math.log(Math.max(chipsW, 1)) / WIDTH)
    const rows = (this.#rows.get(level) ?? 0) + 1
    this.#rows.set(level, rows)
    return Math.max(1, rows / FULL_ROWS)
  }

  clear(): void {
    this.#rows.clear()
  }

  get state(): readonly (readonly [level: number, rows: number])[] {
    return [...this.#rows]
  }

  restore(state: readonly (readonly [level: number, rows: number])[]): void {
    this.clear()
    for (const [level, rows] of state) this.#rows.set(level, rows)
  }
}
