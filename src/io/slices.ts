import { setImmediate } from 'node:timers/promises'

/** Work in slices of a few milliseconds: yields after each, and returns the result. */
export type Sliced<Result> = Generator<void, Result>

/** Rows of a file in one slice, which takes 1 to 3 ms. */
export const ROWS_PER_SLICE = 512

/** Does all slices at once, for a command that has nothing else to do. */
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
