import { setImmediate } from 'node:timers/promises'

/** Work that can be put down: yields after each slice of at most some milliseconds, and returns what it came to. */
export type Sliced<Result> = Generator<void, Result>

/** Rows of a file after which to yield: 1 to 3 ms. */
export const ROWS_PER_SLICE = 512

/** Does all of it while everything else waits: for a command. */
export function atOnce<Result>(work: Sliced<Result>): Result {
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value
}

/** Lets the event loop turn after each slice. Rejects with the reason of the signal. */
export async function inSlices<Result>(work: Sliced<Result>, signal: AbortSignal): Promise<Result> {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    await setImmediate()
    signal.throwIfAborted()
  }
}
