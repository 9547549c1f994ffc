import { atOnce } from '../../io/slices.ts'
import type { IntensityBasis } from '../../model/carbon.ts'
import { electricityMapsRows, isElectricityMaps } from '../intensity/electricity-maps-csv.ts'
import type { IntensityPeriod } from '../intensity/intensity-period.ts'
import { qualityOfLength } from '../intensity/intensity-quality.ts'
import { MAX_G_PER_KWH, mgPerKwhOf, ZONE_NAME } from '../intensity/source.ts'
import { CsvTable, csvRows } from '../table/csv-table.ts'
import { jsonRows } from '../table/json-table.ts'
import { type Rows, type TableLine, takeEach } from '../table/table-line.ts'

/** Columns of a CSV file, keys of a JSON file. */
export const HEADER = 'zone,start,end,g_per_kwh,basis'

/**
 * Every row of an intensity file, in its order. JSON is told by the file's name or its first character, a download of
 * Electricity Maps by its header. Throws a TableError for any other file.
 */
export function intensityRows(text: string, path: string): Rows<IntensityPeriod> {
  if (path.endsWith('.json') || /^\uFEFF?\s*\[/.test(text)) return jsonRows(text, HEADER, parseLine)
  const table = new CsvTable(text)
  return isElectricityMaps(table) ? electricityMapsRows(table) : csvRows(table, HEADER, parseLine)
}

/** The same as a list. Throws a TableError with the bad places, if any. */
export function parseIntensities(text: string, path: string): IntensityPeriod[] {
  const rows: IntensityPeriod[] = []
  atOnce(takeEach(intensityRows(text, path), (row) => rows.push(row)))
  return rows
}

function parseLine(line: TableLine): IntensityPeriod {
  const zone = line.field(0)
  if (!ZONE_NAME.test(zone)) line.fail(0, 'a zone of 1 to 63 characters without quotes')
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
