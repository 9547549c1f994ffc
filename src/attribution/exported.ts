import type { AttributionTotals, TenantTotal } from '../model/attribution.ts'
import { type Consumer, consumerKey, OTHER } from '../model/consumer.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time.ts'
import { type Energy, Series, seriesKey } from './series.ts'
import { SeriesNames } from './series-names.ts'

export interface ExportedOptions {
  readonly maxSeries: number
  readonly restored: AttributionTotals | null
}

const RANK_MS = 10_000
/** Recent energy is that of some minutes, so that a burst does not change who is exported. */
const RECENT_MS = 5 * MINUTE_MS
/** One that waits takes a place when it used so many times what the last of those that count used. */
const LEAD = 2
/** Rankings that a series stays at least: its heat says little before. */
const LEAST_STAY = RECENT_MS / RANK_MS
/** Rankings for which a series that ends keeps its value: longer than scrapers wait. */
const FINAL_RANKINGS = (5 * MINUTE_MS) / RANK_MS
/** One that nobody told of for so long is gone, though nobody said so. */
const MOST_SILENCE = HOUR_MS / RANK_MS

/**
 * Chooses the consumers that are exported one by one, at most `maxSeries`: those that used most of late. What the others use
 * is in `other`, of which each tenant has one. Each joule is counted by one series, when it comes, so that the series
 * together grow as the node does. A series that ends keeps its value, and its place, until every scraper has seen it.
 */
export class Exported {
  readonly #maxSeries: number
  /** By tenant and consumer. */
  readonly #series = new Map<string, Series>()
  /** By consumer: under the tenant that it has now. */
  readonly #latest = new Map<string, Series>()
  readonly #others = new Map<string, Series>()
  readonly #tenants = new Map<string, { -readonly [Key in keyof TenantTotal]: TenantTotal[Key] }>()
  readonly #names = new SeriesNames()
  #places = 0
  /** Of the last tick. */
  #nowUnixMs = 1
  #rankedUnixMs = Number.POSITIVE_INFINITY

  constructor({ maxSeries, restored }: ExportedOptions) {
    this.#maxSeries = maxSeries
    for (const tenant of restored?.tenants ?? []) this.#tenants.set(tenant.tenant, { ...tenant })
    for (const total of restored?.consumers ?? []) {
      if (total.consumer.kind === OTHER.kind) this.#others.set(total.tenant, Series.restored(total))
      else this.#restore(Series.restored(total))
    }
  }

  /** Energy of a consumer, or none as a sign of life. A birth after that of one who is gone is another life of it. */
  add(consumer: Consumer, tenant: string, energy: Energy, bornUnixMs: number): void {
    const sum = this.#sumOf(tenant)
    sum.idleUj += energy.idleUj
    sum.dynamicUj += energy.dynamicUj
    const series = this.#seriesOf(consumer, tenant, bornUnixMs)
    const energyUj = energy.idleUj + energy.dynamicUj
    series.warm(energyUj)
    const hasRoom = series.isFixed || (this.#places < this.#maxSeries && energyUj > 0n)
    if (series.state === 'waiting' && hasRoom) this.#promote(series)
    const isLate = series.state === 'ending' && series.isDead && series.stay < FINAL_RANKINGS
    const isOwn = series.state === 'counting' || isLate
    if (isOwn) series.count(energy)
    else if (energyUj > 0n) this.#otherOf(tenant, bornUnixMs).count(energy)
  }

  /** Its last group is gone: its series keeps its value for some minutes, and ends. */
  gone(consumer: Consumer, atUnixMs: number): void {
    const series = this.#latest.get(consumerKey(consumer))
    if (series && !series.isFixed) this.#bury(series, atUnixMs)
  }

  /** Call about once a second, with the time of the wall clock. */
  tick(atUnixMs: number): void {
    this.#nowUnixMs = atUnixMs
    const sinceMs = atUnixMs - this.#rankedUnixMs
    if (sinceMs >= 0 && sinceMs < RANK_MS) return
    this.#rankedUnixMs = atUnixMs
    const share = Math.exp(-Math.max(sinceMs, RANK_MS) / RECENT_MS)
    for (const series of this.#series.values()) {
      this.#expire(series, atUnixMs)
      series.cool(share)
    }
    this.#rank(atUnixMs)
    this.#forgetColdest()
  }

  get totals(): AttributionTotals {
    const counters = [...this.#series.values()].filter(({ isCounter }) => isCounter)
    return {
      consumers: [...counters, ...this.#others.values()].map(({ total }) => total),
      tenants: [...this.#tenants.values()].map((total) => ({ ...total })),
    }
  }

  #sumOf(tenant: string): { idleUj: bigint; dynamicUj: bigint } {
    const known = this.#tenants.get(tenant)
    if (known !== undefined) return known
    const sum = { tenant, idleUj: 0n, dynamicUj: 0n }
    this.#tenants.set(tenant, sum)
    return sum
  }

  #restore(series: Series): void {
    this.#keep(series)
    this.#rename(series)
    // With fewer places than there were, it goes on when there is room.
    if (series.holdsPlace && this.#places === this.#maxSeries) series.rest()
    if (series.holdsPlace) this.#places++
  }

  #seriesOf(consumer: Consumer, tenant: string, bornUnixMs: number): Series {
    const before = this.#latest.get(consumerKey(consumer))
    const isMoved = before?.tenant !== tenant
    const series = isMoved ? this.#moved(before, consumer, tenant, bornUnixMs) : before
    if (series.isDead && (isMoved || bornUnixMs > series.bornUnixMs)) series.revive(bornUnixMs)
    series.silence = 0
    const isRenamed = consumer.name !== series.given.name
    series.given = consumer
    if (isRenamed && series.name !== null) this.#rename(series)
    return series
  }

  /** The series of a consumer that is new, or of another tenant than before. */
  #moved(before: Series | undefined, consumer: Consumer, tenant: string, bornUnixMs: number): Series {
    if (before) this.#bury(before, this.#nowUnixMs)
    const series = this.#series.get(seriesKey(consumer, tenant)) ?? new Series(consumer, tenant, bornUnixMs)
    this.#keep(series)
    return series
  }

  #keep(series: Series): void {
    this.#series.set(seriesKey(series.given, series.tenant), series)
    this.#latest.set(consumerKey(series.given), series)
  }

  #otherOf(tenant: string, bornUnixMs: number): Series {
    const other = this.#others.get(tenant) ?? new Series(OTHER, tenant, bornUnixMs)
    this.#others.set(tenant, other)
    return other
  }

  #promote(series: Series): void {
    if (series.name === null) this.#rename(series)
    series.begin()
    if (series.holdsPlace) this.#places++
  }

  /** Under the name that people know it by. One that has its id behind it keeps it. */
  #rename(series: Series): void {
    const { given, name } = series
    if (name === `${given.name} (${given.id})`) return
    if (name !== null) this.#names.release(given, name)
    series.name = this.#names.take(given)
  }

  #bury(series: Series, atUnixMs: number): void {
    series.isDead = true
    if (series.state === 'waiting') this.#forget(series)
    else if (series.state === 'counting') series.end(atUnixMs)
  }

  #forget(series: Series): void {
    if (series.name !== null) this.#names.release(series.given, series.name)
    this.#series.delete(seriesKey(series.given, series.tenant))
    const key = consumerKey(series.given)
    if (this.#latest.get(key) === series) this.#latest.delete(key)
  }

  #expire(series: Series, atUnixMs: number): void {
    const isSilent = ++series.silence > MOST_SILENCE
    if (series.state === 'counting' && isSilent && !series.isFixed) series.end(atUnixMs)
    if (series.state === 'waiting' && isSilent && !series.isCounter) this.#forget(series)
    if (series.state !== 'ending' || series.stay < FINAL_RANKINGS) return
    if (series.holdsPlace) this.#places--
    series.rest()
    if (series.isDead) this.#forget(series)
  }

  /** Gives free places to those that wait, the hottest first, and ends the coldest where one that waits is far hotter. */
  #rank(atUnixMs: number): void {
    const all = [...this.#series.values()]
    const waiting = all.filter(({ state, heat }) => state === 'waiting' && heat > 0).sort(hotter)
    const free = this.#maxSeries - this.#places
    for (const series of waiting.splice(0, free)) this.#promote(series)
    if (waiting.length === 0) return
    const ending = all.filter(({ state }) => state === 'ending').length
    const coldest = all
      .filter(({ state, isFixed, stay }) => state === 'counting' && !isFixed && stay >= LEAST_STAY)
      .sort(hotter)
      .reverse()
    // Whoever is to have a place that is on its way to be free needs no other.
    for (const [index, hot] of waiting.slice(ending).entries()) {
      const cold = coldest[index]
      if (cold === undefined || hot.heat <= LEAD * cold.heat) return
      cold.end(atUnixMs)
    }
  }

  /** Of those that had a series and may have one again, as many are remembered as there are places. */
  #forgetColdest(): void {
    const resting = [...this.#series.values()].filter(({ state, isCounter }) => state === 'waiting' && isCounter)
    if (resting.length <= this.#maxSeries) return
    for (const series of resting.sort(hotter).slice(this.#maxSeries)) this.#forget(series)
  }
}

function hotter(a: Series, b: Series): number {
  return b.heat - a.heat
}
