import { setTimeout as sleep } from 'node:timers/promises'

/** More callers than this at once are not scrapers. */
export const MOST_WAITING = 8
/** Rest after a wrong password, in times of what the comparison took: guessing gets a tenth of one core. */
const REST_FACTOR = 9

/**
 * Compares passwords with bcrypt hashes, one at a time. bcrypt is tens of milliseconds of arithmetic by intention; here it
 * yields to the event loop every 100 ms, and rests after each wrong guess. A thread of its own would cost 30 MB for what
 * a scraper needs once.
 */
export class PasswordCheck {
  readonly #compare: (password: string, hash: string) => Promise<boolean>
  readonly #rest: (restMs: number) => Promise<unknown>
  #turn: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor({ compare = compareByBcrypt, rest = restFor } = {}) {
    this.#compare = compare
    this.#rest = rest
  }

  /** Null when too many are waiting. */
  async matches(password: string, hash: string): Promise<boolean | null> {
    if (this.#waiting >= MOST_WAITING) return null
    this.#waiting += 1
    const previous = this.#turn
    const done = Promise.withResolvers<unknown>()
    this.#turn = done.promise
    try {
      await previous
      const startMs = performance.now()
      const matches = await this.#compare(password, hash)
      done.resolve(matches ? null : this.#rest((performance.now() - startMs) * REST_FACTOR))
      return matches
    } finally {
      this.#waiting -= 1
      done.resolve(null)
    }
  }
}

/** Its code is loaded where somebody logs in. */
async function compareByBcrypt(password: string, hash: string): Promise<boolean> {
  const { compare } = await import('bcryptjs')
  return compare(password, hash)
}

function restFor(restMs: number): Promise<unknown> {
  return sleep(restMs, undefined, { ref: false })
}
