const DECAY = 0.98
const ALARM = 25
/** One row says no more than this, whatever it is. */
const MOST_Z = 3

/** Finds residuals that stay on one side: a CUSUM that forgets. */
export class ChangeDetector {
  #sum = 0

  /** @param z residual over its standard deviation. True when the machine is another one than was learned. */
  add(z: number): boolean {
    this.#sum = DECAY * this.#sum + Math.max(-MOST_Z, Math.min(z, MOST_Z))
    if (Math.abs(this.#sum) < ALARM) return false
    this.#sum = 0
    return true
  }

  reset(): void {
    this.#sum = 0
  }
}
