import { parseRfc3339Ms } from '../io/rfc3339.ts'
import { DAY_MS, floorTo, HOUR_MS } from '../model/time.ts'
import { UsageError } from '../model/usage-error.ts'

/** Whole UTC hours, the end excluded. */
export interface Span {
  readonly from: number
  readonly until: number
}

/** As typed; null where nothing was. */
export interface TypedSpan {
  readonly from: string | null
  readonly to: string | null
  readonly month: string | null
}

const LONGEST_YEARS = 10
const LONGEST_MS = LONGEST_YEARS * 366 * DAY_MS
const EXPECTED = 'expected a day or an RFC 3339 time, such as 2026-10-01 or 2026-10-01T06:00:00Z'

/**
 * The span that was asked for. Without any, the month that runs; without an end, up to the hour that runs and with it; a day as the
 * end includes nothing of that day. Throws a UsageError that names the option.
 */
export function spanOf({ from, to, month }: TypedSpan, nowUnixMs: number): Span {
  const soFar = floorTo(HOUR_MS, nowUnixMs) + HOUR_MS
  if (month !== null) {
    if (from !== null || to !== null) throw usage('--month: expected without --from and --to')
    return checked(monthOf(month), soFar, '--month')
  }
  if (from === null && to !== null) throw usage('--to: expected with --from')
  const start = from === null ? startOfMonth(nowUnixMs) : timeOf(from, '--from')
  return checked({ from: start, until: to === null ? soFar : timeOf(to, '--to') }, soFar, '--to')
}

function checked(span: Span, soFar: number, option: string): Span {
  const { from, until } = span
  if (from >= soFar) throw usage(`${option === '--month' ? option : '--from'}: ${utc(from)} has not been yet`)
  requireOrder(from, until)
  if (until > soFar) {
    const remedy = `--from ${utc(from)} --to ${utc(soFar)}`
    throw usage(`${option}: ${utc(until)} has not been yet. Ask for the time so far: ${remedy}`)
  }
  if (until - from > LONGEST_MS) throw usage(`--from: a report covers at most ${LONGEST_YEARS} years`)
  return span
}

/** Throws a UsageError for a time that ends before it begins, or is none. */
export function requireOrder(from: number, until: number): void {
  if (until <= from) throw usage(`--to: expected a time after ${utc(from)}, received ${utc(until)}`)
}

/** Unix milliseconds of a UTC day or an RFC 3339 time on a full step of time. Throws a UsageError that names the option. */
export function timeOf(text: string, option: string, stepMs = HOUR_MS): number {
  const ms = parseRfc3339Ms(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)
  if (Number.isNaN(ms)) throw usage(`${option}: ${EXPECTED}, received ${JSON.stringify(text)}`)
  if (ms % stepMs !== 0) {
    const step = stepMs === DAY_MS ? 'day' : 'hour'
    throw usage(`${option}: expected a full UTC ${step}, received ${JSON.stringify(text)}`)
  }
  return ms
}

function monthOf(text: string): Span {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? []
  if (year === undefined) throw usage(`--month: expected a month such as 2026-10, received ${JSON.stringify(text)}`)
  return { from: Date.UTC(Number(year), Number(month) - 1), until: Date.UTC(Number(year), Number(month)) }
}

/** The UTC month in which a time is. */
export function startOfMonth(unixMs: number): number {
  const date = new Date(unixMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

/** `2026-10-01T00:00Z` */
export function utc(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 16)}Z`
}

function usage(text: string): UsageError {
  return new UsageError(text)
}
