import type { Settled } from '../../model/attribution.ts'
import type { EventRow } from '../../model/batch.ts'
import { floorTo, HOUR_MS } from '../../model/time.ts'
import { isNothing, NO_SUMS, type Sums, sumOf } from './sums.ts'

/** The wall clock is steered by less than this without being set, so an instant may be labelled twice. */
const SLACK_MS = 1_000

/** The account at the last closed hour, and what came too late for it. */
export interface Settlement {
  /** Hours before are closed; it never goes back. */
  readonly untilUnixMs: number
  /** The hour up to which all energy had come: behind `untilUnixMs` where the wall clock was set back. */
  readonly hourUnixMs: number
  /** Null before the first hour is closed. */
  readonly settled: Sums | null
  /** Of hours that were closed already: waits for the next to close. */
  readonly late: Sums
}

/** Where a ledger begins to settle: with the hour of a time. */
export function begun(unixMs: number): Settlement {
  const hour = floorTo(HOUR_MS, unixMs)
  return { untilUnixMs: hour, hourUnixMs: hour, settled: null, late: NO_SUMS }
}

/**
 * Closes the hours up to a time before which no more energy comes. `sumsOf` is what the hours from one time to another have.
 * What is late is settled as soon as an hour ends by the clock as it goes now, however far ahead it was before.
 */
export function closed(
  before: Settlement,
  settledUnixMs: number,
  sumsOf: (fromUnixMs: number, untilUnixMs: number) => Sums,
): { readonly settlement: Settlement; readonly events: readonly EventRow[] } {
  const { untilUnixMs, late } = before
  const hourUnixMs = floorTo(HOUR_MS, settledUnixMs - SLACK_MS)
  if (hourUnixMs <= before.hourUnixMs) return { settlement: { ...before, hourUnixMs }, events: [] }
  const grown = hourUnixMs > untilUnixMs ? sumsOf(untilUnixMs, hourUnixMs) : NO_SUMS
  const settlement = {
    untilUnixMs: Math.max(untilUnixMs, hourUnixMs),
    hourUnixMs,
    settled: sumOf(sumOf(before.settled ?? NO_SUMS, grown), late),
    late: NO_SUMS,
  }
  return { settlement, events: isNothing(late) ? [] : [lateEvent(late, settledUnixMs)] }
}

export function settledOf({ untilUnixMs, settled }: Settlement): Settled | null {
  if (settled === null) return null
  const tenants = new Map(settled.tenants.map(({ tenant, ...total }) => [tenant, total]))
  return { untilUnixMs, node: settled.node, tenants }
}

function lateEvent({ node }: Sums, atUnixMs: number): EventRow {
  const joules = (Number(node.energyUj) / 1e6).toFixed(1)
  const detail = `${joules} J came for hours that were closed, as after a clock was set back, and count from now on`
  return { atUnixMs, what: 'settled_late', detail }
}
