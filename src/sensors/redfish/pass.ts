import type { Json } from '../../io/answer.ts'
import { HttpError } from '../../io/http.ts'
import type { Channel } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import type { Reading, Sweep } from '../../model/reading.ts'
import type { SensorError } from '../../model/sensor-error.ts'
import { NS_PER_S } from '../../model/units.ts'
import { explain } from './explain.ts'
import type { Meter, Stamp } from './meter.ts'
import { isOfOne } from './resource.ts'

export type SignalledGet = (path: string, signal: AbortSignal) => Promise<Json>

/** What a resource says, or why it cannot be read. */
type Outcome = { readonly resource: Json } | { readonly error: SensorError }

/** Supplies that add up are counted again so often: one may have been plugged in. */
const RECOUNT_NS = 3_600n * NS_PER_S
/** No controller that asks for a rest gets more. */
const LONGEST_REST_MS = 3_600_000

/** The meters of a controller, read together: each resource once, and nothing more from where it stops answering. */
export class Pass {
  readonly #meters: readonly Meter[]
  readonly #get: SignalledGet
  readonly #clock: Pick<Clock, 'monotonicNs'>
  readonly #foundNs: bigint
  #hasMoved = false
  #restMs = 0
  /** Why the rest of a pass is given up. */
  #ending: SensorError | null = null

  constructor(meters: readonly Meter[], get: SignalledGet, clock: Pick<Clock, 'monotonicNs'>) {
    this.#meters = meters
    this.#get = get
    this.#clock = clock
    this.#foundNs = clock.monotonicNs()
  }

  get channels(): readonly Channel[] {
    return this.#meters.map(({ channel }) => channel)
  }

  /** Whether the controller has to be looked at anew. */
  get isOutdated(): boolean {
    const isOld = this.#clock.monotonicNs() - this.#foundNs >= RECOUNT_NS
    return (
      this.#hasMoved || this.#meters.some(({ isOutdated, channel }) => isOutdated || (isOld && channel.scope === 'psu'))
    )
  }

  /** For how long the controller wants to be left alone. */
  get restMs(): number {
    return this.#restMs
  }

  /** What is new, and what failed. Rejects with the reason of the signal alone. */
  async read(signal: AbortSignal): Promise<readonly Sweep[]> {
    const sweeps: Sweep[] = []
    this.#ending = null
    this.#restMs = 0
    for (const path of new Set(this.#meters.map((meter) => meter.path))) {
      const beforeNs = this.#clock.monotonicNs()
      const outcome = await this.#attempt(path, signal)
      const stamp = { beforeNs, afterNs: this.#clock.monotonicNs() }
      for (const [first, meter] of this.#meters.entries()) {
        if (meter.path !== path) continue
        const reading = readingOf(meter, outcome, stamp)
        if (reading !== null) sweeps.push({ first, readings: [reading] })
      }
    }
    return sweeps
  }

  /** The last good readings of what a pass had nothing new of. */
  keptBeside(sweeps: readonly Sweep[]): readonly Sweep[] {
    return this.#meters.flatMap(({ last }, first) => {
      if (last === null || sweeps.some((sweep) => sweep.first === first)) return []
      return [{ first, readings: [last satisfies Reading] }]
    })
  }

  async #attempt(path: string, signal: AbortSignal): Promise<Outcome> {
    if (this.#ending !== null) return { error: this.#ending }
    try {
      return { resource: await this.#get(path, signal) }
    } catch (cause) {
      signal.throwIfAborted()
      const error = explain(cause)
      if (cause instanceof HttpError && cause.status === 404) this.#hasMoved = true
      if (!isOfOne(cause)) {
        this.#ending = error
        this.#restMs = Math.min(error.retryAfterMs ?? 0, LONGEST_REST_MS)
      }
      return { error }
    }
  }
}

/** Null where there is nothing new. Never throws, whatever the controller says. */
function readingOf(meter: Meter, outcome: Outcome, stamp: Stamp): Reading | null {
  if ('error' in outcome) return meter.fail(outcome.error, stamp)
  try {
    return meter.read(outcome.resource, stamp)
  } catch (cause) {
    return meter.fail(explain(cause), stamp)
  }
}
