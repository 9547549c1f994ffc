import { NS_PER_S } from './units.ts'

/** So many changes of a subject are told as they come, until it has been quiet for an hour. */
const TOLD_AT_ONCE = 4
/** What goes on changing is told of once it has stood for so long, */
const STANDING_NS = 600n * NS_PER_S
/** and so often in any case. */
const AGAIN_NS = 3_600n * NS_PER_S

/** Tells of a change, which is the present one. `more` goes behind its text, and says what was left out before it. */
export type Tell = (more: string) => void

interface Subject {
  told: number
  toldNs: bigint
  changedNs: bigint
  /** The newest change, where it is not told yet, and how many went before it. */
  left: { readonly tell: Tell; readonly before: number } | null
}

/**
 * News of states that may flap. The first changes of a subject are told at once. Of those that follow each other on and on
 * the last is, now and then, with their number: so no flapping fills a log, and what was told last becomes true again.
 */
export class SparingNews {
  readonly #subjects = new Map<string, Subject>()

  say(name: string, nowNs: bigint, tell: Tell): void {
    const subject = this.#subjects.get(name) ?? { told: 0, toldNs: nowNs, changedNs: nowNs, left: null }
    this.#subjects.set(name, subject)
    subject.changedNs = nowNs
    if (subject.told === TOLD_AT_ONCE) {
      subject.left = { tell, before: subject.left === null ? 0 : subject.left.before + 1 }
      return
    }
    subject.told += 1
    subject.toldNs = nowNs
    tell('')
  }

  /** Tells what has waited for long enough, or all of it at the end. */
  tick(nowNs: bigint, isLast = false): void {
    for (const [name, { left, toldNs, changedNs }] of this.#subjects) {
      const isQuiet = nowNs - changedNs >= AGAIN_NS
      const isDue = isLast || nowNs - changedNs >= STANDING_NS || nowNs - toldNs >= AGAIN_NS
      if (left === null) {
        if (isQuiet) this.#subjects.delete(name)
      } else if (isDue) {
        this.#subjects.set(name, { told: TOLD_AT_ONCE, toldNs: nowNs, changedNs, left: null })
        left.tell(left.before === 0 ? '' : moreText(left.before, nowNs - toldNs))
      }
    }
  }
}

/** The same of what is looked at again and again, by a monotonic clock: each look tells what has waited for long enough. */
export class LookNews {
  readonly #sparing = new SparingNews()
  readonly #nowNs: () => bigint

  /** @param nowNs Default: the process's clock. */
  constructor(nowNs = () => process.hrtime.bigint()) {
    this.#nowNs = nowNs
  }

  /** @param isLast tells all that waits */
  look(isLast = false): void {
    this.#sparing.tick(this.#nowNs(), isLast)
  }

  say(name: string, tell: Tell): void {
    this.#sparing.say(name, this.#nowNs(), tell)
  }
}

function moreText(count: number, ns: bigint): string {
  const minutes = (ns + 60n * NS_PER_S - 1n) / (60n * NS_PER_S)
  return `, after ${count} more ${count === 1 ? 'change' : 'changes'} within ${minutes} min`
}
