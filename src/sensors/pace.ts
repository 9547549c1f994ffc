import { setTimeout } from 'node:timers/promises'
import type { Clock } from '../model/clock.ts'
import { NS_PER_MS } from '../model/units.ts'

/** Lets time pass; rejects at the abort. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<unknown>

const wait: Wait = (ms, signal) => setTimeout(ms, undefined, { signal, ref: false })

export interface Pace {
  readonly intervalMs: number
  readonly clock: Pick<Clock, 'monotonicNs'>
  /** In place of time. */
  readonly wait?: Wait | undefined
}

/**
 * Makes passes until the signal ends them: as long after one as it took at least, so that what is slow has half of its time
 * for others, and no sooner than after the rest in ms that it resolves to.
 */
export async function follow(pass: () => Promise<number>, pace: Pace, ended: AbortSignal): Promise<void> {
  const { intervalMs, clock, wait: pause = wait } = pace
  for (let restMs = 0; !ended.aborted; ) {
    try {
      await pause(restMs, ended)
      const startNs = clock.monotonicNs()
      const wantedMs = await pass()
      const tookMs = Number((clock.monotonicNs() - startNs) / NS_PER_MS)
      restMs = Math.max(intervalMs - tookMs, tookMs, wantedMs)
    } catch (error) {
      if (!ended.aborted) throw error
    }
  }
}
