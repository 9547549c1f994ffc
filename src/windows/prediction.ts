import { studentT95 } from '../model/student-t.ts'

/** Fewer tell a line, and nothing of what lies beside it. */
const LEAST_SEEN = 3

export interface Prediction {
  /** All of the series: what was seen and what is expected. */
  readonly total: number
  /** Ends of the 95 % prediction interval of the total. */
  readonly low: number
  readonly high: number
}

/**
 * What a series of `count` alike pieces of work comes to, of which the first were seen: a straight line through them goes on,
 * so that a drift is followed. The interval is that of a sum of future values about a line of least squares (Draper and
 * Smith, Applied Regression Analysis, 1.4), by Student's t. Null while fewer than three were seen.
 */
export function predictTotal(seen: readonly number[], count: number): Prediction | null {
  const k = seen.length
  const left = count - k
  const seenTotal = seen.reduce((sum, value) => sum + value, 0)
  if (left <= 0) return { total: seenTotal, low: seenTotal, high: seenTotal }
  if (k < LEAST_SEEN) return null
  const middle = (k - 1) / 2
  const mean = seenTotal / k
  const spread = seen.reduce((sum, _, x) => sum + (x - middle) ** 2, 0)
  const slope = seen.reduce((sum, value, x) => sum + (x - middle) * (value - mean), 0) / spread
  const residual = seen.reduce((sum, value, x) => sum + (value - mean - slope * (x - middle)) ** 2, 0)
  // Sum of the distances of the values to come from the middle of those seen.
  const ahead = left * (k + (left - 1) / 2 - middle)
  const expected = left * mean + slope * ahead
  const variance = (residual / (k - 2)) * (left + left ** 2 / k + ahead ** 2 / spread)
  const halfWidth = studentT95(k - 2) * Math.sqrt(variance)
  const total = seenTotal + expected
  // What was seen is used, and no work gives energy back.
  return {
    total: Math.max(total, seenTotal),
    low: Math.max(total - halfWidth, seenTotal),
    high: Math.max(total + halfWidth, seenTotal),
  }
}
