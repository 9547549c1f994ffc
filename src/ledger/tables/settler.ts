import type Database from 'better-sqlite3'
import type { TenantTotal } from '../../model/attribution.ts'
import type { EventRow, NodeRow } from '../../model/batch.ts'
import { floorTo, HOUR_MS } from '../../model/time.ts'
import type { Waiting } from '../batch-queue.ts'
import { begun, closed, type Settlement } from '../settlement/settlement.ts'
import { apportion, growthOf, NO_SUMS, type Sums, sumOf } from '../settlement/sums.ts'
import { seldom } from './seldom.ts'
import { type HourFigures, NO_HOUR, SettledHours } from './settled-hours.ts'
import { SettlementTable } from './settlement-table.ts'

/** What the closed hours have that batches add to: seldom any. */
export type ClosedHours = ReadonlyMap<number, HourFigures>

export interface Settling {
  readonly settlement: Settlement | null
  readonly events: readonly EventRow[]
}

/** Closes hours, within the transaction that brings the last of them. */
export class Settler {
  readonly #table: SettlementTable
  readonly #hours: () => SettledHours

  constructor(db: Database.Database) {
    this.#table = new SettlementTable(db)
    this.#hours = seldom(() => new SettledHours(db))
  }

  load(): Settlement | null {
    return this.#table.load()
  }

  forget(): void {
    this.#table.forget()
  }

  /** Before the rows are added. */
  lookAt(before: Settlement | null, waiting: Waiting): ClosedHours {
    if (before === null) return new Map()
    const times = [
      ...nodeRowsOf(waiting).map((row) => row.startUnixMs),
      ...waiting.batches.flatMap(({ carbon }) => carbon.emissions.map((row) => row.startUnixMs)),
      ...waiting.consumerRows.map((row) => row.hourUnixMs),
    ]
    const hours = new Set(times.filter((time) => time < before.untilUnixMs).map((time) => floorTo(HOUR_MS, time)))
    return new Map([...hours].map((hour) => [hour, this.#figuresOf(hour)]))
  }

  /** After the rows were added: what is settled from now on. */
  settle(before: Settlement | null, late: ClosedHours, waiting: Waiting): Settling {
    const last = waiting.batches.at(-1)
    if (last === undefined) {
      if (before !== null) this.#table.save(before)
      return { settlement: before, events: [] }
    }
    const { settledUnixMs } = last
    const starts = nodeRowsOf(waiting).map((row) => row.startUnixMs)
    const current = before ?? begun(starts.reduce((a, b) => Math.min(a, b), settledUnixMs))
    const came = [...late].reduce((sums, [hour, figures]) => sumOf(sums, this.#growthOf(hour, figures)), current.late)
    const withLate = late.size === 0 ? current : { ...current, late: came }
    const result = closed(withLate, settledUnixMs, (from, until) => this.#sumsOf(from, until))
    this.#table.save(result.settlement)
    return result
  }

  #sumsOf(fromUnixMs: number, untilUnixMs: number): Sums {
    const hours = this.#hours().between(fromUnixMs, untilUnixMs, 'standing').values()
    return [...hours].reduce((sums, { node, tenants }) => sumOf(sums, apportion(node, tenants)), NO_SUMS)
  }

  /** As booked: a restatement of a closed hour settles nothing. */
  #figuresOf(hour: number): HourFigures {
    return (
      this.#hours()
        .between(hour, hour + HOUR_MS, 'booked')
        .get(hour) ?? NO_HOUR
    )
  }

  #growthOf(hour: number, before: HourFigures): Sums {
    const now = this.#figuresOf(hour)
    const tenants = now.tenants.map((one): TenantTotal => {
      const old = before.tenants.find(({ tenant }) => tenant === one.tenant)
      return { ...one, idleUj: one.idleUj - (old?.idleUj ?? 0n), dynamicUj: one.dynamicUj - (old?.dynamicUj ?? 0n) }
    })
    return apportion(growthOf(now.node, before.node), tenants)
  }
}

function nodeRowsOf({ batches, hours }: Waiting): readonly NodeRow[] {
  return [...batches.flatMap((batch) => batch.nodeRows), ...hours.nodeRows]
}
