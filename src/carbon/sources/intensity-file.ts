import type { IntensityBasis } from '../../model/carbon.ts'
import { parseCsv } from '../csv-table.ts'
import { qualityOfLength } from '../intensity-quality.ts'
import type { Period } from '../intensity-series.ts'
import { parseJsonTable } from '../json-table.ts'
import type { TableLine } from '../table-line.ts'
import { MAX_G_PER_KWH, mgPerKwhOf } from './source.ts'

/** Columns of a CSV file, keys of a JSON file. */
export const HEADER = 'zone,start,end,g_per_kwh,basis'

/**
 * Every row of an intensity file, in its order. JSON by its first character too, so that a name without an extension does.
 * Throws a TableError for the first bad one.
 */
export function parseIntensities(text: string, path: string): Period[] {
  const isJson = path.endsWith('.json') || /^\uFEFF?\s*\[/.test(text)
  return isJson ? parseJsonTable(text, HEADER, parseLine) : parseCsv(text, HEADER, parseLine)
}

function parseLine(line: TableLine): Period {
  const zone = line.field(0)
  if (!/^[^\s"\p{Cc}][^"\p{Cc}]{0,62}$/u.test(zone)) line.fail(0, 'a zone of 1 to 63 characters without quotes')
  const stretch = line.stretch(1)
  const mgPerKwh = mgPerKwhOf(line.number(3)) ?? line.fail(3, `g/kWh from 0 to ${MAX_G_PER_KWH}`)
  const basis = basisOf(line.field(4)) ?? line.fail(4, 'direct or life-cycle')
  return {
    zone,
    basis,
    mgPerKwh,
    source: 'file',
    status: 'final',
    ...stretch,
    ...qualityOfLength(stretch.endsUnixMs - stretch.startsUnixMs),
  }
}

function basisOf(text: string): IntensityBasis | null {
  return text === 'direct' || text === 'life-cycle' ? text : null
}
