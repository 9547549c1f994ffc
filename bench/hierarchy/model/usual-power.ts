/** How much of a day is forgotten with each hour. */
const FORGOTTEN = 1 / 24

/** What stands in, labelled as an estimate, for a host that its place in the topology promises and that tells nothing. */
export class UsualPower {
  #meanW: number | null = null
  #variance = 0

  add(powerW: number): void {
    const offW = powerW - (this.#meanW ?? powerW)
    this.#meanW = (this.#meanW ?? powerW) + FORGOTTEN * offW
    this.#variance = (1 - FORGOTTEN) * (this.#variance + FORGOTTEN * offW * offW)
  }

  /** Mean of the last day or so and the standard deviation of its hours; null where the host never told. */
  get told(): { readonly powerW: number; readonly sdW: number } | null {
    return this.#meanW === null ? null : { powerW: this.#meanW, sdW: Math.sqrt(this.#variance) }
  }
}
