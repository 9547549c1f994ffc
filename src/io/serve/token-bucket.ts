/** Lets `burst` requests through at once and one more per interval. */
export class TokenBucket {
  readonly #intervalMs: number
  readonly #burst: number
  #tokens: number
  #filledAtMs: number

  constructor(intervalMs: number, burst: number, nowMs: number) {
    this.#intervalMs = intervalMs
    this.#burst = burst
    this.#tokens = burst
    this.#filledAtMs = nowMs
  }

  /** `nowMs` is monotonic. */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#filledAtMs) / this.#intervalMs)
    this.#filledAtMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Takes the place of so many requests, also of some to come. */
  spend(requests: number): void {
    this.#tokens -= requests
  }
}
