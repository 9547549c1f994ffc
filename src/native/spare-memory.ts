import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'
import type { Component } from '../model/lifecycle.ts'
import { MINUTE_MS } from '../model/time.ts'
import { native } from './addon.ts'

const PER_DAY = 1_440
/** What may wait to be collected: a collection takes 30 ms or more. */
const SPARE_BYTES = 3 << 19

/**
 * Gives back each minute what malloc(3) holds free, and each day, the first time when the start is over, pages of Node's file and
 * code that is not running: most of it ran at the start alone. What runs is compiled again, and counts its calls anew, so that only
 * what runs often each day is ever optimized; what ran once V8 forgets by itself after six full collections without a call, in an
 * hour or more. What has come to be garbage meanwhile goes each minute too, if it is 1.5 MB: V8 alone collects all of it each few
 * seconds at a scrape each second, or lets the heap grow by half. Without `--expose-gc` garbage and code are left to V8.
 */
export class SpareMemory implements Component {
  readonly name = 'memory'
  #timer: NodeJS.Timeout | undefined
  #usedBytes = 0

  async start(): Promise<void> {
    let minutes = 0
    this.#timer = setInterval(() => {
      if (minutes % PER_DAY === 0) {
        this.#collect(forgetCode)
        native.forgetProgram()
      } else if (usedBytes() > this.#usedBytes + SPARE_BYTES) this.#collect(collect)
      minutes += 1
      native.trimMemory()
    }, MINUTE_MS).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
  }

  #collect(how: () => void): void {
    how()
    this.#usedBytes = usedBytes()
  }
}

/** Of the heap and of buffers beside it, but for the young generation, which comes and goes. */
function usedBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory - (young?.space_used_size ?? 0)
}

function forgetCode(): void {
  if (globalThis.gc === undefined) return
  setFlagsFromString('--stress-flush-code')
  collectTwice()
  setFlagsFromString('--no-stress-flush-code')
}

function collect(): void {
  if (globalThis.gc !== undefined && !native.collectGarbage()) collectTwice()
}

/** In a row, with what is compiled and waits to be asked for again. Another one of `gc` would keep the pages that it empties. */
function collectTwice(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
