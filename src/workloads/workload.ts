import type { AttributedPosting } from '../model/attribution.ts'
import type { IntensityBasis } from '../model/carbon.ts'
import type { NodeTaker } from '../model/node-taker.ts'
import { QUALITIES } from '../model/posting.ts'
import { LookNews } from '../model/sparing-news.ts'
import { NS_PER_MS, NS_PER_S, UJ_PER_KWH } from '../model/units.ts'
import type { WorkloadSnapshot, WorkloadTotal } from '../model/workload.ts'
import { formatDuration, parseDurationMs } from '../schema/duration.ts'
import { BoundaryEnergy, type EnergyByQuality } from './boundary-energy.ts'
import type { Increase, TimedReading } from './increase.ts'
import { RollingWindow } from './rolling-window.ts'
import type { WorkloadSettings } from './schema.ts'
import { ServerCounters, type ServerOptions } from './server-counters.ts'
import { sumOf } from './tally.ts'

/** Figures in force at a moment. */
export interface Rates {
  readonly mgPerKwh: bigint
  readonly basis: IntensityBasis
  readonly puePpm: bigint
}

export interface WorkloadOptions extends ServerOptions {
  readonly rates: () => Rates
  /** Embodied carbon of what is inside the boundary that falls due in a time; null where it is not known. */
  readonly embodiedNg: (startUnixMs: number, endUnixMs: number) => bigint | null
}

/** Counted units whose energy is not settled yet. */
interface Pending extends Increase {
  readonly toNs: bigint
  readonly toUnixMs: number
  readonly rates: Rates
}

/** A part of the machine that is waited for for longer than this leaves the time without figures. */
const PATIENCE_NS = 120n * NS_PER_S

const PPM = 1_000_000n
const NG_PER_MG = 1_000_000n

/**
 * Units of one server and the energy of the very time in which they were counted. Both grow together or not at all: a time of
 * which one is unknown is in neither, so that each quotient of two totals is a true one.
 */
export class Workload implements NodeTaker {
  readonly server: ServerCounters
  readonly #settings: WorkloadSettings
  readonly #options: WorkloadOptions
  readonly #energy: BoundaryEnergy
  readonly #windows: readonly (readonly [name: string, RollingWindow])[]
  #pending: Pending[] = []
  #settledNs = 0n
  #total: WorkloadTotal
  #unaccountedNs = 0n
  #restarts = 0
  #isUnmetered = false
  readonly #news: LookNews

  constructor(settings: WorkloadSettings, options: WorkloadOptions) {
    const { boundary, accelerators, windows } = settings
    this.#settings = settings
    this.#options = options
    this.#energy = new BoundaryEnergy(boundary, accelerators)
    this.#news = new LookNews(options.clock.monotonicNs)
    this.#total = { units: {}, energyUj: {}, locationNg: {}, embodiedNg: options.embodiedNg(0, 0) }
    this.#windows = windows.map((text) => {
      const ms = parseDurationMs(text)
      return [formatDuration(ms), new RollingWindow(ms)] as const
    })
    this.server = new ServerCounters(settings, options, (step, before, now) => {
      if (step.hasRestarted) this.#restarts += 1
      this.#count(step.increase, before, now)
    })
  }

  post(posting: AttributedPosting): void {
    this.#energy.post(posting)
  }

  settle(untilNs: bigint): void {
    this.#settledNs = untilNs
    const nowNs = this.#options.clock.monotonicNs()
    this.#news.look()
    for (let next = this.#pending[0]; next !== undefined && this.#settle(next, nowNs); next = this.#pending[0]) {
      this.#pending.shift()
    }
    this.#energy.dropBefore(this.#pending[0]?.fromNs ?? this.server.lastNs ?? untilNs, nowNs)
  }

  get snapshot(): WorkloadSnapshot {
    const nowNs = this.#options.clock.monotonicNs()
    const { name, boundary } = this.#settings
    return {
      name,
      boundary,
      isUp: this.server.isUp,
      total: this.#total,
      unaccountedNs: this.#unaccountedNs,
      restarts: this.#restarts,
      windows: this.#windows.flatMap(([window, rolling]) => {
        const total = rolling.sum(nowNs)
        return total === null ? [] : [{ window, total }]
      }),
    }
  }

  #count(increase: Increase | null, before: TimedReading, now: TimedReading): void {
    this.#unaccountedNs += (increase?.fromNs ?? now.atNs) - before.atNs
    if (increase === null) return
    const pending = { ...increase, toNs: now.atNs, toUnixMs: now.atUnixMs, rates: this.#options.rates() }
    if (pending.toNs > pending.fromNs) this.#pending.push(pending)
  }

  /** False while the energy may still come. */
  #settle(pending: Pending, nowNs: bigint): boolean {
    const { fromNs, toNs } = pending
    const isFinal = this.#settledNs >= toNs
    // A card's energy comes once for each time; the machine's may have a part that is late.
    const energyUj = isFinal || this.#settings.boundary === 'gpu' ? this.#energy.between(fromNs, toNs) : null
    if (energyUj !== null) this.#add(pending, energyUj)
    else if (isFinal || nowNs - toNs > PATIENCE_NS) this.#unaccountedNs += toNs - fromNs
    else return false
    this.#sayUnmetered(energyUj === null)
    return true
  }

  #add({ fromNs, toNs, toUnixMs, units, rates }: Pending, drawnUj: EnergyByQuality): void {
    const puePpm = this.#settings.boundary === 'machine-with-pue' ? rates.puePpm : PPM
    const energy = QUALITIES.flatMap((quality) => {
      const uj = drawnUj[quality]
      return uj === undefined ? [] : [[quality, (uj * puePpm + PPM / 2n) / PPM] as const]
    })
    const sumUj = energy.reduce((sum, [, uj]) => sum + uj, 0n)
    const total: WorkloadTotal = {
      units,
      energyUj: Object.fromEntries(energy),
      locationNg: { [rates.basis]: (sumUj * rates.mgPerKwh * NG_PER_MG) / UJ_PER_KWH },
      embodiedNg: this.#options.embodiedNg(toUnixMs - Number((toNs - fromNs) / NS_PER_MS), toUnixMs),
    }
    this.#total = sumOf(this.#total, total)
    for (const [, window] of this.#windows) window.add(fromNs, toNs, total)
  }

  #sayUnmetered(isUnmetered: boolean): void {
    if (isUnmetered === this.#isUnmetered) return
    this.#isUnmetered = isUnmetered
    const { name, boundary } = this.#settings
    const whose = boundary === 'gpu' ? 'its accelerators' : 'the machine'
    const fields = { workload: name }
    this.#news.say(name, (more) => {
      if (isUnmetered) {
        const text = `workloads: ${name}: the energy of ${whose} is not known at present, so that nothing is shown per unit: wattledger doctor says which sensors can be read${more}`
        this.#options.logger.warn({ event: 'workload_unmetered', ...fields }, text)
      } else
        this.#options.logger.info(
          { event: 'workload_metered', ...fields },
          `workloads: ${name}: ${whose} is metered again${more}`,
        )
    })
  }
}
