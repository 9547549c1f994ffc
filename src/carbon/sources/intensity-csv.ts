import type { Period } from '../intensity-series.ts'
import { FIELDS, type Field, IntensityFileError, periodOf } from './intensity-row.ts'

export const HEADER = FIELDS.join()

/** Every line of an intensity file, in its order. Throws an IntensityFileError for the first bad one: half a file is no data. */
export function parseIntensityCsv(text: string): Period[] {
  const [header = '', ...lines] = text.split(/\r?\n/)
  if (header !== HEADER) throw new IntensityFileError(1, 1, `the header ${HEADER}`, header)
  return lines.flatMap((line, index) => (line === '' ? [] : [parseLine(line, index + 2)]))
}

function parseLine(line: string, number: number): Period {
  const cells = line.split(',')
  const refuseAt = (index: number, expected: string): never => {
    const column = cells.slice(0, index).join(',').length + (index === 0 ? 1 : 2)
    throw new IntensityFileError(number, column, expected, cells[index] ?? '')
  }
  if (cells.length !== FIELDS.length) refuseAt(Math.min(cells.length, FIELDS.length), `${FIELDS.length} fields`)
  const [zone = '', start = '', end = '', grams = '', basis = ''] = cells
  const gPerKwh = /^\d+(?:\.\d+)?$/.test(grams) ? Number(grams) : Number.NaN
  const refuse = (field: Field, expected: string) => refuseAt(FIELDS.indexOf(field), expected)
  return periodOf({ zone, start, end, gPerKwh, basis }, refuse)
}
