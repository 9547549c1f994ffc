import type { PowerChannel } from '../model/channel.ts'
import { type Reading, readingAtNs } from '../model/reading.ts'
import { NS_PER_S, wattsOf } from '../model/units.ts'
import { type Integrator, NOTHING, type Outcome } from './integrator.ts'

/** A controller logs each five minutes; over what lies further apart it was away itself. */
const LONGEST_STEP_NS = 900n * NS_PER_S

/**
 * Power that a controller logged while nobody read it, by the trapezoid rule, from where its meter was last read by an
 * earlier run. It has no gaps of its own and nobody waits for it: what it does not tell, its meter misses.
 */
export class LogIntegrator implements Integrator {
  readonly position = null
  readonly #channel: PowerChannel
  readonly #fromNs: bigint | null
  #last: { readonly powerUw: bigint; readonly atNs: bigint } | undefined

  /** @param fromNs where the meter was last read; null where nothing is to be filled */
  constructor(channel: PowerChannel, fromNs: bigint | null) {
    this.#channel = channel
    this.#fromNs = fromNs
  }

  accept(reading: Reading): Outcome {
    if (reading.status !== 'power' || this.#fromNs === null) return NOTHING
    const { powerUw } = reading
    const { maxPowerUw } = this.#channel
    if (powerUw < 0n || powerUw > maxPowerUw) {
      return { corrupt: `${wattsOf(powerUw)} W are not between 0 and the channel's ${wattsOf(maxPowerUw)} W` }
    }
    const atNs = readingAtNs(reading)
    const last = this.#last
    if (last !== undefined && atNs <= last.atNs) return NOTHING
    this.#last = { powerUw, atNs }
    if (last === undefined || atNs - last.atNs > LONGEST_STEP_NS || atNs <= this.#fromNs) return NOTHING
    const startNs = last.atNs > this.#fromNs ? last.atNs : this.#fromNs
    const energyUj = ((last.powerUw + powerUw) * (atNs - startNs)) / (2n * NS_PER_S)
    return { posting: { startNs, endNs: atNs, energyUj, bridged: true } }
  }

  expire(): undefined {}

  interrupt(): void {
    this.#last = undefined
  }
}
