import type { IntensityBasis } from '../../model/carbon.ts'
import { type CsvLine, parseCsv } from '../csv-table.ts'
import { qualityOfLength } from '../intensity-quality.ts'
import type { Period } from '../intensity-series.ts'
import { MAX_G_PER_KWH, mgPerKwhOf } from './source.ts'

export const HEADER = 'zone,start,end,g_per_kwh,basis'

/** Every line of an intensity file, in its order. Throws a CsvError for the first bad one. */
export function parseIntensityCsv(text: string): Period[] {
  return parseCsv(text, HEADER, parseLine)
}

function parseLine(line: CsvLine): Period {
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
