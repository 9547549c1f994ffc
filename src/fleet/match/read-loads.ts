import type { IntensityPeriod } from '../../carbon/intensity/intensity-period.ts'
import { ZONE_NAME } from '../../carbon/intensity/source.ts'
import { attempt, CsvTable } from '../../carbon/table/csv-table.ts'
import { type Rows, TableError, type TableLine, takeEach } from '../../carbon/table/table-line.ts'
import { atOnce } from '../../io/slices.ts'
import { parseDecimal, wholeParts } from '../../model/decimal.ts'
import { floorTo, HOUR_MS } from '../../model/time.ts'
import { UJ_PER_KWH } from '../../model/units.ts'

export interface Load {
  readonly zone: string
  readonly startsUnixMs: number
  readonly endsUnixMs: number
  readonly uj: bigint
  readonly isProfile: boolean
}

/** A share or a factor of a zone that holds for a time. */
export interface ZoneFigure {
  readonly zone: string
  readonly startsUnixMs: number
  readonly endsUnixMs: number
  readonly value: bigint
}

/** Consumption: `zone,start,end,kwh`, and `kind` (meter or profile) if one likes. Throws a TableError with the bad places. */
export function parseLoads(text: string): Load[] {
  const loads: Load[] = []
  const table = new CsvTable(text)
  const names = table.columns.includes('kind') ? 'zone,start,end,kwh,kind' : 'zone,start,end,kwh'
  const rows = lines(table, names, (line): Load => {
    const stretch = line.stretch(1)
    if (floorTo(HOUR_MS, stretch.startsUnixMs) !== floorTo(HOUR_MS, stretch.endsUnixMs - 1)) {
      line.fail(2, 'an end in the UTC hour of the start')
    }
    const kwh = parseDecimal(line.field(3)) ?? line.fail(3, 'a number of kWh')
    if (kwh.digits < 0n) line.fail(3, 'kWh that are not negative')
    const kind = line.field(4)
    if (kind !== '' && kind !== 'meter' && kind !== 'profile') line.fail(4, 'meter or profile')
    return { zone: zoneOf(line), ...stretch, uj: wholeParts(kwh, UJ_PER_KWH), isProfile: kind === 'profile' }
  })
  atOnce(takeEach(rows, (row) => loads.push(row)))
  refuseOverlap(loads)
  return loads
}

/** Carbon-free shares of grids, in millionths: `zone,start,end,cfe`, of 0 to 1. Throws a TableError with the bad places. */
export function parseGridMix(text: string): ZoneFigure[] {
  const figures: ZoneFigure[] = []
  const rows = lines(new CsvTable(text), 'zone,start,end,cfe', (line): ZoneFigure => {
    const share = line.number(3)
    if (!(share >= 0 && share <= 1)) line.fail(3, 'a share from 0 to 1')
    return { zone: zoneOf(line), ...line.stretch(1), value: BigInt(Math.round(share * 1e6)) }
  })
  atOnce(takeEach(rows, (row) => figures.push(row)))
  refuseOverlap(figures)
  return figures
}

/** Residual mixes of an intensity file, in mg/kWh. */
export function residualFigures(periods: readonly IntensityPeriod[]): ZoneFigure[] {
  const figures = periods.map(({ zone, startsUnixMs, endsUnixMs, mgPerKwh }) => ({
    zone,
    startsUnixMs,
    endsUnixMs,
    value: mgPerKwh,
  }))
  refuseOverlap(figures)
  return figures
}

function* lines<Row>(table: CsvTable, header: string, parse: (line: TableLine) => Row): Rows<Row> {
  for (const line of table.lines(table.expect(header))) {
    yield line === null || line instanceof TableError ? line : attempt(() => parse(line))
  }
}

function zoneOf(line: TableLine): string {
  const zone = line.field(0)
  return ZONE_NAME.test(zone) ? zone : line.fail(0, 'a zone of 1 to 63 characters without quotes')
}

interface Timed {
  readonly zone: string
  readonly startsUnixMs: number
  readonly endsUnixMs: number
}

function refuseOverlap(rows: readonly Timed[]): void {
  for (const [zone, own] of Map.groupBy(rows, (row) => row.zone)) {
    let until = Number.NEGATIVE_INFINITY
    for (const { startsUnixMs, endsUnixMs } of own.toSorted((a, b) => a.startsUnixMs - b.startsUnixMs)) {
      if (startsUnixMs < until) {
        throw new TableError([
          ` expected each time once, received ${new Date(startsUnixMs).toISOString()} of ${zone} twice`,
        ])
      }
      until = endsUnixMs
    }
  }
}
