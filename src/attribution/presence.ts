import { type Consumer, consumerKey } from '../model/consumer.ts'
import type { CpuUse } from './usage.ts'

/** Consumers that have a group, and those that are gone while energy of their time may come. */
export class Presence {
  readonly #members = new Map<string, { readonly consumer: Consumer; readonly goneNs: bigint | null }>()
  readonly #bornUnixMs = new WeakMap<Consumer, number>()
  /** Nobody has gone in most seconds. */
  #mayBeGone = false

  /** Those that are part of another are that one in every account. */
  follow({ uses, endNs }: CpuUse, unixMsOf: (ns: bigint) => number): void {
    uses.forEach(({ consumer, bornNs, isGone }) => {
      if (consumer.within !== undefined) return
      if (!this.#bornUnixMs.has(consumer)) this.#bornUnixMs.set(consumer, unixMsOf(bornNs))
      const key = consumerKey(consumer)
      const known = this.#members.get(key)
      if (known?.consumer === consumer && known.goneNs === null && !isGone) return
      this.#mayBeGone ||= isGone
      this.#members.set(key, { consumer, goneNs: isGone ? endNs : null })
    })
  }

  /** Those that have a group now. */
  *present(): Generator<Consumer> {
    for (const { consumer, goneNs } of this.#members.values()) if (goneNs === null) yield consumer
  }

  /** The same consumer as it is named by now: whoever comes by a process is known by its group alone. */
  named(consumer: Consumer): Consumer {
    return this.#members.get(consumerKey(consumer))?.consumer ?? consumer
  }

  bornUnixMs(consumer: Consumer): number | null {
    return this.#bornUnixMs.get(consumer) ?? null
  }

  /** Takes leave of those that went, and of whose time no energy waits. */
  *takeGone(isAwaited: (goneNs: bigint) => boolean): Generator<{ readonly consumer: Consumer; readonly atNs: bigint }> {
    if (!this.#mayBeGone) return
    let isAnyLeft = false
    for (const [key, { consumer, goneNs }] of this.#members) {
      if (goneNs === null) continue
      if (isAwaited(goneNs)) isAnyLeft = true
      else {
        this.#members.delete(key)
        yield { consumer, atNs: goneNs }
      }
    }
    this.#mayBeGone = isAnyLeft
  }
}
