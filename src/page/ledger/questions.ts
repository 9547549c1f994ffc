import { BadRequest, countIn, timeIn } from '../../io/serve/query.ts'
import { didYouMean, nearest } from '../../model/did-you-mean.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../model/time.ts'

/** What the ledger is asked for the page. A span's end is not included. */
export type Question =
  | { readonly kind: 'history'; readonly from: number; readonly until: number; readonly points: number }
  | { readonly kind: 'consumers'; readonly from: number; readonly until: number; readonly limit: number }
  | { readonly kind: 'today'; readonly from: number; readonly until: number; readonly limit: number }

export const LONGEST_SPAN_DAYS = 1_100
export const MOST_POINTS = 2_000
export const MOST_LISTED = 200
const [USUAL_POINTS, USUAL_LISTED] = [300, 20]

/** `query`: what stands behind the `?` of a URL. Without a span the last 24 hours are meant. @throws BadRequest */
export function historyQuestion(query: string, nowUnixMs: number): Question {
  const given = parameters(query, ['from', 'to', 'points'])
  return {
    kind: 'history',
    ...spanOf(given, nowUnixMs),
    points: countIn(given, 'points', USUAL_POINTS, MOST_POINTS),
  }
}

/** As `historyQuestion`. @throws BadRequest */
export function consumersQuestion(query: string, nowUnixMs: number): Question {
  const given = parameters(query, ['from', 'to', 'limit'])
  return { kind: 'consumers', ...spanOf(given, nowUnixMs), limit: countIn(given, 'limit', USUAL_LISTED, MOST_LISTED) }
}

/** Takes a URL that has no parameters. @throws BadRequest */
export function noQuestion(query: string): void {
  parameters(query, [])
}

function parameters(query: string, known: readonly string[]): URLSearchParams {
  const given = new URLSearchParams(query)
  for (const key of given.keys()) {
    if (!known.includes(key)) {
      const expected = known.length === 0 ? 'this path has none' : `expected ${known.join(', ')}`
      throw new BadRequest(`unknown parameter ${JSON.stringify(key)}${didYouMean([nearest(key, known)])}: ${expected}`)
    }
    if (given.getAll(key).length > 1) throw new BadRequest(`${key}: expected once`)
  }
  return given
}

function spanOf(given: URLSearchParams, nowUnixMs: number) {
  const until = given.has('to') ? timeIn(given, 'to') : nowUnixMs
  const from = given.has('from') ? timeIn(given, 'from') : until - DAY_MS
  if (until <= from) throw new BadRequest('to: expected a later time than from')
  if (until - from > LONGEST_SPAN_DAYS * DAY_MS) {
    throw new BadRequest(
      `expected a span of at most ${LONGEST_SPAN_DAYS} days: ask for less, or run wattledger export for all of the ledger`,
    )
  }
  if (from < 0 || until > Date.UTC(9999, 0)) throw new BadRequest('expected a span within the years 1970 to 9998')
  return { from, until }
}

/** Lengths of a step that a person can think in. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28, 56, 112, 364, 728, 1_456].map((days) => days * DAY_MS),
]

/** The shortest that makes no more than so many steps of a span, if it is at least `least` ms. */
export function stepFor(spanMs: number, points: number, least = MINUTE_MS): number {
  return STEPS.find((step) => step >= least && spanMs <= step * points) ?? 1_456 * DAY_MS
}
