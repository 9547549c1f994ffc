import { setTimeout } from 'node:timers/promises'
import type { Json } from '../../io/answer.ts'
import type { Clock } from '../../model/clock.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import type { ToldParts } from '../../model/told-parts.ts'
import { NS_PER_MS } from '../../model/units.ts'
import type { Wait } from '../pace.ts'
import { type Place, partsTold } from './parts.ts'
import type { SignalledGet } from './pass.ts'

/** Not while the machine and the agent start. */
const FIRST_MS = 30_000
/** From one beginning to the next: a controller that restarts is done by then. */
const AGAIN_MS = HOUR_MS
/** Between two requests, so that the readings come first on a controller that serves one at a time. */
const BETWEEN_MS = 1_000

const wait: Wait = (ms, signal) => setTimeout(ms, undefined, { signal, ref: false })

/**
 * Asks a controller for the machine's parts behind its readings: soon after the start, and once a day after each time that
 * it told of them, however often its meters are looked for anew.
 */
export class PartsWatch {
  readonly #clock: Pick<Clock, 'monotonicNs'>
  readonly #wait: Wait
  #told: ToldParts | null = null
  #dueNs: bigint | null = null

  /** @param waiting instead of time */
  constructor(clock: Pick<Clock, 'monotonicNs'>, waiting: Wait = wait) {
    this.#clock = clock
    this.#wait = waiting
  }

  get told(): ToldParts | null {
    return this.#told
  }

  /** Until the signal ends it. Never rejects: what a controller does not tell is not known. */
  async follow(teller: string, place: Place, get: SignalledGet, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      try {
        this.#dueNs ??= this.#inMs(FIRST_MS)
        await this.#wait(this.#restMs(this.#dueNs), ended)
        this.#dueNs = this.#inMs(AGAIN_MS)
        const told = await partsTold((path) => this.#slowly(path, get, ended), place)
        this.#told = { sensor: 'redfish', teller, ...told }
        this.#dueNs = this.#inMs(DAY_MS)
      } catch {
        // Its readings fail too, and say why.
      }
    }
  }

  /** As long after a request as it took at least, so that a slow controller has half of its time for others. */
  async #slowly(path: string, get: SignalledGet, ended: AbortSignal): Promise<Json> {
    const startNs = this.#clock.monotonicNs()
    try {
      return await get(path, ended)
    } finally {
      const tookMs = Number((this.#clock.monotonicNs() - startNs) / NS_PER_MS)
      await this.#wait(Math.max(BETWEEN_MS, tookMs), ended)
    }
  }

  #inMs(ms: number): bigint {
    return this.#clock.monotonicNs() + BigInt(ms) * NS_PER_MS
  }

  #restMs(dueNs: bigint): number {
    return Math.max(0, Number((dueNs - this.#clock.monotonicNs()) / NS_PER_MS))
  }
}
