const SHARE = 0.95
const STEP = 0.05
const [LEAST, MOST] = [1e-3, 1]

/** The 95 % quantile of what comes, followed as it comes. */
export class OnlineQuantile {
  #log: number

  constructor(first: number) {
    this.#log = Math.log(first)
  }

  get value(): number {
    return Math.exp(this.#log)
  }

  set(value: number): void {
    this.#log = Math.log(Math.max(LEAST, Math.min(value, MOST)))
  }

  add(value: number): void {
    const log = this.#log + STEP * ((value > this.value ? 1 : 0) - (1 - SHARE))
    this.#log = Math.max(Math.log(LEAST), Math.min(log, Math.log(MOST)))
  }
}
