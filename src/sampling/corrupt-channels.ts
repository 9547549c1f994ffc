import type { ChannelKey } from '../model/channel.ts'

/** As many readings in a row that cannot be true are no glitch. */
const REPEATED = 5

/** Watches which channels keep saying what cannot be. */
export class CorruptChannels {
  readonly #inARow = new Map<ChannelKey, number>()
  #keys: readonly ChannelKey[] = []

  /** @param readings how many came of a channel, and how many of them were rejected; says what that changed */
  observe(key: ChannelKey, readings: number, rejected: number): 'corrupt' | 'recovered' | null {
    const before = this.#inARow.get(key) ?? 0
    const now = readings > rejected ? 0 : before + rejected
    if (now === before) return null
    this.#inARow.set(key, now)
    if (before < REPEATED === now < REPEATED) return null
    this.#collect()
    return now === 0 ? 'recovered' : 'corrupt'
  }

  /** Forgets the channels that are no longer there. */
  keep(keys: readonly ChannelKey[]): void {
    for (const key of this.#inARow.keys()) if (!keys.includes(key)) this.#inARow.delete(key)
    this.#collect()
  }

  get keys(): readonly ChannelKey[] {
    return this.#keys
  }

  #collect(): void {
    this.#keys = [...this.#inARow].flatMap(([key, inARow]) => (inARow >= REPEATED ? [key] : []))
  }
}
