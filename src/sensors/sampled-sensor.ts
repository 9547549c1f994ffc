import { setTimeout } from 'node:timers/promises'
import { least } from '../model/bigint.ts'
import type { Channel } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import type { Sweep } from '../model/reading.ts'
import type { Sensor } from '../model/sensor.ts'
import { SensorError } from '../model/sensor-error.ts'
import { NS_PER_MS, NS_PER_S } from '../model/units.ts'

/** Hardware that was found and can be read at once. */
export interface Sampling {
  readonly channels: readonly Channel[]
  /** Time after `open()` before which there is nothing to look back to. Default: none. */
  readonly leadNs?: bigint
  /** For so long after `open()` it is read each second, however rarely later. Default: not at all. */
  readonly hurriedNs?: bigint
  /** One pass, now. A channel that has nothing new may be left out unless somebody asks. */
  read(isAsked: boolean): readonly Sweep[]
  /** See `Sensor.changed`. */
  changed(): boolean
  close?(): void
}

interface Open {
  readonly sampling: Sampling
  readonly sinceNs: bigint
  dueNs: bigint
}

/** A sensor that is read on the event loop when it is drained: for what takes microseconds and cannot hang. */
export class SampledSensor implements Sensor {
  readonly name: string
  readonly isQuick = true
  readonly drainedEachMs: number
  readonly #intervalNs: bigint
  readonly #clock: Pick<Clock, 'monotonicNs'>
  readonly #find: () => Sampling
  #open: Open | null = null
  #undelivered: Sweep[] = []

  /** @param find finds the hardware, or throws a SensorError */
  constructor(name: string, intervalMs: number, clock: Pick<Clock, 'monotonicNs'>, find: () => Sampling) {
    this.name = name
    this.drainedEachMs = intervalMs
    this.#intervalNs = BigInt(intervalMs) * NS_PER_MS
    this.#clock = clock
    this.#find = find
  }

  async open(signal: AbortSignal): Promise<readonly Channel[]> {
    await this.close()
    signal.throwIfAborted()
    const sampling = this.#find()
    const sinceNs = this.#clock.monotonicNs()
    this.#open = { sampling, sinceNs, dueNs: sinceNs + this.#paceNs(sampling, 0n) }
    return sampling.channels
  }

  drain(): readonly Sweep[] {
    if (this.#open !== null) this.#readWhenDue(this.#open)
    return this.#undelivered.splice(0)
  }

  #readWhenDue(open: Open): void {
    const nowNs = this.#clock.monotonicNs()
    const paceNs = this.#paceNs(open.sampling, nowNs - open.sinceNs)
    // A tenth early is on time: a caller of the same period, a hair ahead, would else get every second reading.
    if (nowNs < open.dueNs - paceNs / 10n) return
    const missed = nowNs > open.dueNs ? (nowNs - open.dueNs) / paceNs : 0n
    open.dueNs += (missed + 1n) * paceNs
    this.#undelivered.push(...open.sampling.read(false))
  }

  #paceNs({ hurriedNs = 0n }: Sampling, ageNs: bigint): bigint {
    return ageNs < hurriedNs ? least(this.#intervalNs, NS_PER_S) : this.#intervalNs
  }

  async readNow(signal: AbortSignal): Promise<readonly Sweep[]> {
    const readyNs = this.#open === null ? 0n : this.#open.sinceNs + (this.#open.sampling.leadNs ?? 0n)
    const restNs = readyNs - this.#clock.monotonicNs()
    if (restNs > 0n) await setTimeout(Number(restNs / NS_PER_MS) + 1, undefined, { signal })
    signal.throwIfAborted()
    if (this.#open === null) throw new SensorError('SENSOR_CLOSED', `${this.name} is closed`)
    const sweeps = this.#open.sampling.read(true)
    this.#undelivered.push(...sweeps)
    return sweeps
  }

  async changed(): Promise<boolean> {
    return this.#open?.sampling.changed() ?? true
  }

  async close(): Promise<void> {
    this.#open?.sampling.close?.()
    this.#open = null
    this.#undelivered = []
  }
}
