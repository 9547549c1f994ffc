import type { IntensityBasis } from '../../model/carbon.ts'
import { qualityOfLength } from '../intensity-quality.ts'
import type { Period } from '../intensity-series.ts'
import { parseRfc3339Ms } from '../rfc3339.ts'
import { MAX_G_PER_KWH, mgPerKwhOf } from './source.ts'

export const HEADER = 'zone,start,end,g_per_kwh,basis'

/** A line that is not what the header says. Line and column count from 1. */
export class CsvError extends Error {
  constructor(line: number, column: number, expected: string, received: string) {
    super(`${line}:${column}: expected ${expected}, received ${JSON.stringify(received.slice(0, 60))}`)
    this.name = 'CsvError'
  }
}

/** Every line of an intensity file, in its order. Throws a CsvError for the first bad one: half a file is no data. */
export function parseIntensityCsv(text: string): Period[] {
  const [header = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (header !== HEADER) throw new CsvError(1, 1, `the header ${HEADER}`, header)
  return lines.flatMap((line, index) => (line === '' ? [] : [parseLine(line, index + 2)]))
}

function parseLine(line: string, number: number): Period {
  const fields = line.split(',')
  const field = (index: number): string => fields[index] ?? ''
  const fail = (index: number, expected: string): never => {
    const column = fields.slice(0, index).join(',').length + (index === 0 ? 1 : 2)
    throw new CsvError(number, column, expected, index < fields.length ? field(index) : '')
  }
  if (fields.length !== 5) fail(Math.min(fields.length, 5), '5 fields')
  if (!/^[^\s"\p{Cc}][^"\p{Cc}]{0,62}$/u.test(field(0))) fail(0, 'a zone of 1 to 63 characters without quotes')
  const [startsUnixMs, endsUnixMs] = [parseRfc3339Ms(field(1)), parseRfc3339Ms(field(2))]
  if (Number.isNaN(startsUnixMs)) fail(1, 'an RFC 3339 time, such as 2026-01-31T12:00:00Z')
  if (Number.isNaN(endsUnixMs)) fail(2, 'an RFC 3339 time, such as 2026-01-31T13:00:00Z')
  if (endsUnixMs <= startsUnixMs) fail(2, 'an end after the start')
  const isNumber = /^\d+(?:\.\d+)?$/.test(field(3))
  const mgPerKwh = (isNumber ? mgPerKwhOf(Number(field(3))) : null) ?? fail(3, `g/kWh from 0 to ${MAX_G_PER_KWH}`)
  const basis = basisOf(field(4)) ?? fail(4, 'direct or life-cycle')
  const quality = qualityOfLength(endsUnixMs - startsUnixMs)
  return { zone: field(0), basis, mgPerKwh, source: 'file', status: 'final', startsUnixMs, endsUnixMs, ...quality }
}

function basisOf(text: string): IntensityBasis | null {
  return text === 'direct' || text === 'life-cycle' ? text : null
}
