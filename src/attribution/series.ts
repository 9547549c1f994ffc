import { type ConsumerTotal, NO_SERIES } from '../model/attribution.ts'
import type { Consumer } from '../model/consumer.ts'
import { addFigures, figuresOf, footprintOf, NO_FIGURES, NO_FOOTPRINT } from '../model/footprint.ts'

export interface Energy {
  readonly idleUj: bigint
  readonly dynamicUj: bigint
  /** What was booked for it, as figures of a footprint. */
  readonly figures?: readonly bigint[]
}

/** A consumer under one tenant, with a counter for the time in which it is exported. */
export class Series {
  /** As it came last. */
  given: Consumer
  readonly tenant: string
  bornUnixMs: number
  /** `counting` and `ending` hold a place: all others are summed in `other`. */
  state: 'counting' | 'ending' | 'waiting' = 'waiting'
  goneUnixMs: number | null = null
  /** It has no group any more; what comes late is still its own. */
  isDead = false
  /** Rankings since it was told of last. */
  silence = 0
  /** Rankings since it began to count, or to end. */
  stay = 0
  /** Recent energy, in µJ, weighted by its age. */
  heat = 0
  /** What it is shown as; null before it is shown. */
  name: string | null = null
  #renamed: { readonly of: Consumer; readonly as: Consumer } | null = null
  #freshUj = 0n
  #idleUj = 0n
  #dynamicUj = 0n
  readonly #figures = [...NO_FIGURES]
  /** Of the figures, and whether they are still the same. */
  #booked = NO_FOOTPRINT
  #isBooked = true

  constructor(given: Consumer, tenant: string, bornUnixMs: number) {
    this.given = given
    this.tenant = tenant
    this.bornUnixMs = bornUnixMs
  }

  static restored({ consumer, tenant, bornUnixMs, goneUnixMs, idleUj, dynamicUj, booked }: ConsumerTotal): Series {
    const series = new Series(consumer, tenant, bornUnixMs)
    series.state = goneUnixMs === null ? 'counting' : goneUnixMs === NO_SERIES ? 'waiting' : 'ending'
    series.goneUnixMs = goneUnixMs
    series.count({ idleUj, dynamicUj, figures: figuresOf(booked) })
    return series
  }

  /** One of a kind, which always has a series. */
  get isFixed(): boolean {
    return this.given.id === ''
  }

  get holdsPlace(): boolean {
    return this.state !== 'waiting' && !this.isFixed
  }

  /** Whether it is shown, or goes on from what was shown when it has a place again. */
  get isCounter(): boolean {
    return this.state !== 'waiting' || this.#idleUj + this.#dynamicUj > 0n
  }

  get total(): ConsumerTotal {
    if (!this.#isBooked) this.#booked = footprintOf(this.#figures, this.#booked)
    this.#isBooked = true
    return {
      consumer: this.#shown(),
      tenant: this.tenant,
      idleUj: this.#idleUj,
      dynamicUj: this.#dynamicUj,
      booked: this.#booked,
      bornUnixMs: this.bornUnixMs,
      goneUnixMs: this.goneUnixMs,
    }
  }

  /** As it is called. The same object while that is the same, since its labels are kept with it. */
  #shown(): Consumer {
    const { given, name } = this
    if (name === null || name === given.name) return given
    if (this.#renamed?.of !== given || this.#renamed.as.name !== name) {
      this.#renamed = { of: given, as: { ...given, name } }
    }
    return this.#renamed.as
  }

  begin(): void {
    this.stay = 0
    this.state = 'counting'
    this.goneUnixMs = null
    this.isDead = false
  }

  /** A life after the last one. It goes on where it stood if it still has its place. */
  revive(bornUnixMs: number): void {
    this.isDead = false
    this.bornUnixMs = bornUnixMs
    if (this.state === 'ending') this.begin()
  }

  end(atUnixMs: number): void {
    this.state = 'ending'
    this.stay = 0
    this.goneUnixMs = atUnixMs
  }

  /** Its counter stands where nobody sees it. */
  rest(): void {
    this.state = 'waiting'
    this.goneUnixMs = NO_SERIES
  }

  count({ idleUj, dynamicUj, figures }: Energy): void {
    this.#idleUj += idleUj
    this.#dynamicUj += dynamicUj
    if (figures === undefined || figures === NO_FIGURES) return
    addFigures(this.#figures, figures)
    this.#isBooked = false
  }

  warm(energyUj: bigint): void {
    this.#freshUj += energyUj
  }

  /** @param share what is left of the heat that was there before */
  cool(share: number): void {
    this.heat = this.heat * share + Number(this.#freshUj)
    this.#freshUj = 0n
    this.stay++
  }
}

export function seriesKey(consumer: Consumer, tenant: string): string {
  return JSON.stringify([tenant, consumer.kind, consumer.id])
}
