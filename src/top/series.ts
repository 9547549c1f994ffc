import type { Moment, Past } from './moment.ts'

/** A bar of a sparkline. */
export const BAR_MS = 10_000
/** As many as the widest terminal shows. */
const MOST_BARS = 240

export const TOTAL = 'total'
export const partKey = (part: string) => `part/${part}`
export const consumerKey = ({ kind, id, tenant }: Moment['consumers'][number]) => `consumer/${kind}/${id}/${tenant}`
export const tenantKey = (tenant: string) => `tenant/${tenant}`

interface Mean {
  readonly sum: number
  readonly count: number
}

/** Watts of the last minutes, by what drew them, as means of each bar. */
export class Series {
  readonly #bars = new Map<string, Map<number, Mean>>()
  #newest = Number.NEGATIVE_INFINITY

  /** Adds a moment. A clock that was set back begins anew. */
  note(moment: Moment): void {
    const bar = barOf(moment)
    if (bar < this.#newest) this.#bars.clear()
    this.#newest = bar
    this.#add(TOTAL, bar, moment.power.now_w)
    for (const { part, power_w } of moment.parts) this.#add(partKey(part), bar, power_w)
    for (const one of moment.consumers) this.#add(consumerKey(one), bar, one.power_w)
    for (const { tenant, power_w } of moment.tenants) this.#add(tenantKey(tenant), bar, power_w)
    this.#forget(bar - MOST_BARS)
  }

  /** Fills in what was before. What was seen stays as it was seen. */
  recall({ step_s, time, power_w, parts }: Past): void {
    const fill = (key: string, watts: readonly (number | null)[]) => {
      for (const [index, start] of time.entries()) {
        const oldest = this.#newest - MOST_BARS
        const end = Math.min(this.#newest, Math.ceil(((start + step_s) * 1e3) / BAR_MS))
        for (let bar = Math.max(oldest, Math.floor((start * 1e3) / BAR_MS)); bar < end; bar++) {
          if (!this.#bars.get(key)?.has(bar)) this.#add(key, bar, watts[index] ?? null)
        }
      }
    }
    fill(TOTAL, power_w)
    for (const [part, own] of Map.groupBy(parts, ({ part }) => part)) {
      fill(
        partKey(part),
        time.map((_, index) => sumOf(own.map((one) => one.power_w[index] ?? null))),
      )
    }
    this.#forget(this.#newest - MOST_BARS)
  }

  /** The last `count` bars up to the one with `unixMs`; null for one of which nothing is known. */
  last(key: string, count: number, unixMs: number): (number | null)[] {
    const own = this.#bars.get(key)
    const end = Math.floor(unixMs / BAR_MS)
    return Array.from({ length: count }, (_, index) => {
      const mean = own?.get(end - count + 1 + index)
      return mean === undefined ? null : mean.sum / mean.count
    })
  }

  #add(key: string, bar: number, watts: number | null): void {
    if (watts === null) return
    const own = this.#bars.get(key) ?? new Map<number, Mean>()
    const { sum, count } = own.get(bar) ?? { sum: 0, count: 0 }
    own.set(bar, { sum: sum + watts, count: count + 1 })
    this.#bars.set(key, own)
  }

  #forget(before: number): void {
    for (const [key, own] of this.#bars) {
      for (const bar of own.keys()) if (bar < before) own.delete(bar)
      if (own.size === 0) this.#bars.delete(key)
    }
  }
}

function barOf({ time }: Moment): number {
  return Math.floor(Date.parse(time) / BAR_MS)
}

function sumOf(watts: readonly (number | null)[]): number | null {
  return watts.reduce((sum, one) => (one === null ? sum : (sum ?? 0) + one), null)
}
