import { setFlagsFromString } from 'node:v8'
import type { Component } from '../model/lifecycle.ts'
import { HOUR_MS } from '../model/time.ts'
import { native } from './addon.ts'

/** After the start, and before much that comes once a minute is compiled. */
const FIRST_MS = 20_000

/**
 * Gives back what only the start needed, and then each hour what only that hour did: code that is not running, and what
 * malloc(3) holds free. V8 would do it for code that six full collections have not seen, which is a day of an idle agent.
 * What runs is compiled again, in 20 ms all together. Does nothing where Node does not expose its collector (`--expose-gc`).
 */
export class SpareMemory implements Component {
  readonly name = 'memory'
  #timer: NodeJS.Timeout | undefined

  async start(): Promise<void> {
    this.#timer = setTimeout(() => {
      this.#giveBack()
      this.#timer = setInterval(() => this.#giveBack(), HOUR_MS).unref()
    }, FIRST_MS).unref()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
  }

  #giveBack(): void {
    if (globalThis.gc === undefined) return
    setFlagsFromString('--stress-flush-code')
    // The usual one keeps the pages that it empties.
    globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    setFlagsFromString('--no-stress-flush-code')
    native.trimMemory()
  }
}
