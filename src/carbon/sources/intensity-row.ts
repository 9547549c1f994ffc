import type { IntensityBasis } from '../../model/carbon.ts'
import { qualityOfLength } from '../intensity-quality.ts'
import type { Period } from '../intensity-series.ts'
import { parseRfc3339Ms } from '../rfc3339.ts'
import { MAX_G_PER_KWH, mgPerKwhOf } from './source.ts'

/** Columns of a CSV file, keys of a JSON file. */
export const FIELDS = ['zone', 'start', 'end', 'g_per_kwh', 'basis'] as const
export type Field = (typeof FIELDS)[number]

/** A place in an intensity file that is not as documented. Line and column count from 1. */
export class IntensityFileError extends Error {
  constructor(line: number, column: number, expected: string, received: string) {
    super(`${line}:${column}: expected ${expected}, received ${JSON.stringify(received.slice(0, 60))}`)
    this.name = 'IntensityFileError'
  }
}

export interface Row {
  readonly zone: string
  readonly start: string
  readonly end: string
  /** NaN for what is no number. */
  readonly gPerKwh: number
  readonly basis: string
}

/** What a row states. `refuse` knows where in its file a field stands, and throws. */
export function periodOf(row: Row, refuse: (field: Field, expected: string) => never): Period {
  const { zone } = row
  if (!/^[^\s"\p{Cc}][^"\p{Cc}]{0,62}$/u.test(zone)) refuse('zone', 'a zone of 1 to 63 characters without quotes')
  const [startsUnixMs, endsUnixMs] = [parseRfc3339Ms(row.start), parseRfc3339Ms(row.end)]
  if (Number.isNaN(startsUnixMs)) refuse('start', 'an RFC 3339 time, such as 2026-01-31T12:00:00Z')
  if (Number.isNaN(endsUnixMs)) refuse('end', 'an RFC 3339 time, such as 2026-01-31T13:00:00Z')
  if (endsUnixMs <= startsUnixMs) refuse('end', 'an end after the start')
  const mgPerKwh = mgPerKwhOf(row.gPerKwh) ?? refuse('g_per_kwh', `g/kWh from 0 to ${MAX_G_PER_KWH}`)
  const basis = basisOf(row.basis) ?? refuse('basis', 'direct or life-cycle')
  const quality = qualityOfLength(endsUnixMs - startsUnixMs)
  return { zone, basis, mgPerKwh, source: 'file', status: 'final', startsUnixMs, endsUnixMs, ...quality }
}

function basisOf(text: string): IntensityBasis | null {
  return text === 'direct' || text === 'life-cycle' ? text : null
}
