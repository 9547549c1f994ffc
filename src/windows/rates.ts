import { TokenBucket } from '../io/serve/token-bucket.ts'

/** Requests of one user: so many at once, and so many a second after that. */
export const BURST = 1_000
export const PER_S = 250
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
}
