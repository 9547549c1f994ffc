import { TokenBucket } from '../io/serve/token-bucket.ts'

/** Requests of one user: so many at once, and so many a second after that. */
export const BURST = 1_000
export const PER_S = 250
/** Of the agent's one thread a user may take so much for long: what a request takes beyond that counts as several. */
const MOST_SHARE = 0.1
const MS_OF_ONE = (1e3 / PER_S) * MOST_SHARE
/** Of so many users the state is kept. */
const MOST_USERS = 1_000

/** Lets no user take the agent for themselves. */
export class Rates {
  readonly #nowMs: () => number
  readonly #buckets = new Map<number | null, TokenBucket>()

  /** `nowMs` is monotonic. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  isWithin(uid: number | null): boolean {
    const nowMs = this.#nowMs()
    const bucket = this.#buckets.get(uid) ?? new TokenBucket(1e3 / PER_S, BURST, nowMs)
    // Whoever asked last is behind all others.
    this.#buckets.delete(uid)
    this.#buckets.set(uid, bucket)
    if (this.#buckets.size > MOST_USERS) this.#buckets.delete(this.#buckets.keys().next().value ?? null)
    return bucket.take(nowMs)
  }

  /** A request of theirs that was let in has taken so long. */
  spend(uid: number | null, tookMs: number): void {
    this.#buckets.get(uid)?.spend(Math.max(0, tookMs / MS_OF_ONE - 1))
  }
}
