import { DAY_MS, floorTo, HOUR_MS } from '../model/time.ts'
import type { Row } from './rows.ts'
import { type Span, startOfMonth, utc } from './span.ts'
import { Tally } from './tally.ts'

type Unit = 'hour' | 'day' | 'month'

/** The rows of a span by time: all of them, also those without any energy, cut to the span. */
export class TimeRows {
  readonly #unit: Unit
  readonly #span: Span
  readonly #tallies = new Map<number, Tally>()

  constructor(unit: Unit, span: Span) {
    this.#unit = unit
    this.#span = span
    for (let at = startOf(unit, span.from); at < span.until; at = endOf(unit, at)) {
      this.#tallies.set(at, new Tally(Math.min(span.until, endOf(unit, at)) - Math.max(span.from, at)))
    }
  }

  /** The row that an hour belongs to. */
  of(hourUnixMs: number): Tally {
    const tally = this.#tallies.get(startOf(this.#unit, hourUnixMs))
    if (tally === undefined) throw new RangeError(`hour ${hourUnixMs} is outside of the span`)
    return tally
  }

  get rows(): Row[] {
    return [...this.#tallies].map(([at, tally]) => {
      const from = Math.max(at, this.#span.from)
      const until = Math.min(endOf(this.#unit, at), this.#span.until)
      const keys = { start: utc(from), end: utc(until) }
      return { label: labelOf(this.#unit, at), keys, figures: tally.figures }
    })
  }
}

function startOf(unit: Unit, unixMs: number): number {
  if (unit === 'month') return startOfMonth(unixMs)
  return floorTo(unit === 'day' ? DAY_MS : HOUR_MS, unixMs)
}

function endOf(unit: Unit, startUnixMs: number): number {
  if (unit === 'hour') return startUnixMs + HOUR_MS
  if (unit === 'day') return startUnixMs + DAY_MS
  const date = new Date(startUnixMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

const LENGTH: Readonly<Record<Unit, number>> = { hour: 16, day: 10, month: 7 }

function labelOf(unit: Unit, unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, LENGTH[unit]).replace('T', ' ')
}
