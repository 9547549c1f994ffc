import { setFlagsFromString } from 'node:v8'
import type { Component } from '../model/lifecycle.ts'
import { MINUTE_MS } from '../model/time.ts'
import { native } from './addon.ts'

const PER_HOUR = 60

/**
 * Gives back each minute what malloc(3) holds free, and each hour, the first time when the start is over, code that is not
 * running: most of it ran at the start alone. V8 would do so by itself after six full collections without a call, which
 * takes an idle agent a day. What runs is compiled again, in 20 ms all together. Without `--expose-gc` code stays.
 */
export class SpareMemory implements Component {
  readonly name = 'memory'
  #timer: NodeJS.Timeout | undefined

  async start(): Promise<void> {
    let minutes = 0
    this.#timer = setInterval(() => {
      if (minutes % PER_HOUR === 0) forgetCode()
      minutes += 1
      native.trimMemory()
    }, MINUTE_MS).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
  }
}

function forgetCode(): void {
  if (globalThis.gc === undefined) return
  setFlagsFromString('--stress-flush-code')
  // Any other would keep the pages that it empties.
  globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  setFlagsFromString('--no-stress-flush-code')
}
