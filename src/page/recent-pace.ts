import type { ConsumerTotal } from '../model/attribution.ts'
import { consumerKey } from '../model/consumer.ts'
import type { Part } from '../model/part.ts'
import { QUALITIES, type Quality } from '../model/posting.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** What totals grew by over the last minute, as watts. */
export interface Pace {
  readonly qualities: Readonly<Record<Quality, number>>
  partW(part: Part, quality: Quality): number
  /** Of a part's energy, the share that it draws standing idle; null while that is not known. */
  idleShare(part: Part): number | null
  /** Null for one that is new. */
  consumer(total: ConsumerTotal): { readonly idleW: number; readonly dynamicW: number } | null
  tenantW(tenant: string): number | null
  readonly selfW: number
}

/** Totals of a moment, by names. */
interface Sample {
  readonly atUnixMs: number
  readonly totals: ReadonlyMap<string, bigint>
}

/** Long enough that what comes late, as from a BMC that is asked each five seconds, does not show. */
const OVER_MS = 60_000
const LEAST_MS = 5_000
/** Samples are kept no closer to each other. */
const APART_MS = 25_000

/** How quickly each total grows, of which a snapshot tells the sum alone. */
export class RecentPace {
  #samples: readonly Sample[] = []

  /** Takes note of a snapshot. Times that do not grow, as after a clock was set back, begin anew. */
  note(snapshot: Snapshot): void {
    const { atUnixMs } = snapshot
    const last = this.#samples.at(-1)
    if (!this.isDue(atUnixMs)) return
    if (last !== undefined && atUnixMs < last.atUnixMs) this.#samples = []
    const kept = this.#samples.filter((sample) => sample.atUnixMs >= atUnixMs - OVER_MS)
    this.#samples = [...kept, { atUnixMs, totals: totalsOf(snapshot) }]
  }

  /** Whether a snapshot of this time would be taken note of. */
  isDue(atUnixMs: number): boolean {
    const last = this.#samples.at(-1)
    return last === undefined || atUnixMs < last.atUnixMs || atUnixMs - last.atUnixMs >= APART_MS
  }

  /** Up to a snapshot; null while too little is known. */
  upTo(snapshot: Snapshot): Pace | null {
    const from = this.#samples.find(({ atUnixMs }) => atUnixMs >= snapshot.atUnixMs - OVER_MS)
    if (from === undefined || snapshot.atUnixMs - from.atUnixMs < LEAST_MS) return null
    const now = totalsOf(snapshot)
    const seconds = (snapshot.atUnixMs - from.atUnixMs) / 1e3
    const known = (name: string): number | null => {
      const [before, after] = [from.totals.get(name), now.get(name)]
      return before === undefined || after === undefined ? null : Number(after - before) / 1e6 / seconds
    }
    const watts = (name: string) => known(name) ?? 0
    return {
      qualities: { measured: watts('measured'), derived: watts('derived'), estimated: watts('estimated') },
      partW: (part, quality) => watts(`part/${part}/${quality}`),
      idleShare: (part) => shareOf(known(`idle/${part}`), known(`dynamic/${part}`)),
      consumer: (total) => {
        const [idleW, dynamicW] = [known(`idle/${keyOf(total)}`), known(`dynamic/${keyOf(total)}`)]
        return idleW === null || dynamicW === null ? null : { idleW, dynamicW }
      },
      tenantW: (tenant) => known(`tenant/${tenant}`),
      selfW: watts('self'),
    }
  }
}

function totalsOf({ node, attribution, selfEnergyUj }: Snapshot): ReadonlyMap<string, bigint> {
  const { energyUj, parts } = node.totals
  const totals = new Map<string, bigint>(QUALITIES.map((quality) => [quality, energyUj[quality]]))
  for (const one of parts) totals.set(`part/${one.part}/${one.quality}`, one.energyUj)
  for (const one of attribution?.parts ?? []) {
    totals.set(`idle/${one.part}`, one.idleUj)
    totals.set(`dynamic/${one.part}`, one.dynamicUj)
  }
  for (const one of attribution?.consumers ?? []) {
    if (one.goneUnixMs !== null) continue
    totals.set(`idle/${keyOf(one)}`, one.idleUj)
    totals.set(`dynamic/${keyOf(one)}`, one.dynamicUj)
  }
  for (const one of attribution?.tenants ?? []) totals.set(`tenant/${one.tenant}`, one.idleUj + one.dynamicUj)
  return totals.set('self', selfEnergyUj)
}

function keyOf({ consumer, tenant }: ConsumerTotal): string {
  return `${consumerKey(consumer)}/${tenant}`
}

function shareOf(idleW: number | null, dynamicW: number | null): number | null {
  return idleW === null || dynamicW === null || idleW + dynamicW <= 0 ? null : idleW / (idleW + dynamicW)
}
