import { parseRfc3339Ms } from '../../io/rfc3339.ts'
import type { IntensityBasis } from '../../model/carbon.ts'
import { DAY_MS } from '../../model/time.ts'
import { attempt, type CsvTable } from '../table/csv-table.ts'
import { badPlace, type Rows, TableLine } from '../table/table-line.ts'
import type { IntensityPeriod } from './intensity-period.ts'
import { ESTIMATED_HOUR, qualityOfLength } from './intensity-quality.ts'
import { MAX_G_PER_KWH, mgPerKwhOf, ZONE_NAME } from './source.ts'

const TIME = 'datetime (utc)'
/** How many rows are searched for two that follow each other. */
const LOOKED_AT = 48

/** Every name that the columns had over the years; the subscript two is often garbled. */
const COLUMNS: readonly RegExp[] = [
  /^datetime \(utc\)$/,
  /^zone id$/,
  /^data estimated$/,
  /^carbon intensity gco.{0,3}eq\/kwh \(direct\)$/,
  /^carbon intensity gco.{0,3}eq\/kwh \((?:lca|life cycle)\)$/,
]
const BASES: readonly (readonly [index: number, IntensityBasis])[] = [
  [3, 'direct'],
  [4, 'life-cycle'],
]

/**
 * Whether it is a file of the data portal, https://portal.electricitymaps.com/datasets: a year by the hour, day or
 * month.
 */
export function isElectricityMaps({ columns }: CsvTable): boolean {
  return columns.includes(TIME)
}

/** Two rows for each line, one for each basis; none where the figure is missing. */
export function* electricityMapsRows(table: CsvTable): Rows<IntensityPeriod> {
  const names = COLUMNS.map((form) => {
    const name = table.columns.find((column) => form.test(column))
    if (name === undefined) throw badPlace(1, 1, `the columns of Electricity Maps' downloads`, table.columns.join(','))
    return name
  })
  const lines = table.lines(names)
  const first = head(lines)
  const stepMs = stepOf(first.filter((line): line is TableLine => line instanceof TableLine))
  for (const line of concat(first, lines)) {
    const periods = line instanceof TableLine ? attempt(() => periodsOf(line, stepMs)) : line
    if (Array.isArray(periods)) yield* periods
    else yield periods
  }
}

function periodsOf(line: TableLine, stepMs: number): (IntensityPeriod | null)[] {
  return BASES.map(([index, basis]) => periodOf(line, index, basis, stepMs))
}

function periodOf(line: TableLine, index: number, basis: IntensityBasis, stepMs: number): IntensityPeriod | null {
  const startsUnixMs = startOf(line)
  if (Number.isNaN(startsUnixMs)) line.fail(0, 'a time such as 2026-01-31 12:00:00')
  if (!ZONE_NAME.test(line.field(1))) line.fail(1, 'a zone of 1 to 63 characters')
  if (line.field(index) === '') return null
  const mgPerKwh = mgPerKwhOf(line.number(index)) ?? line.fail(index, `g/kWh from 0 to ${MAX_G_PER_KWH}`)
  const isEstimated = line.field(2).toLowerCase() === 'true'
  const endsUnixMs = endOf(startsUnixMs, stepMs)
  const quality = qualityOfLength(endsUnixMs - startsUnixMs)
  return {
    zone: line.field(1),
    basis,
    mgPerKwh,
    source: 'file',
    status: isEstimated ? 'estimated' : 'final',
    startsUnixMs,
    endsUnixMs,
    ...(isEstimated && quality.dataQuality < ESTIMATED_HOUR.dataQuality ? ESTIMATED_HOUR : quality),
  }
}

function startOf(line: TableLine): number {
  return parseRfc3339Ms(`${line.field(0).replace(' ', 'T')}Z`)
}

/** A line tells only when it begins: the distance to the next line of its zone is how long it holds. */
function stepOf(lines: readonly TableLine[]): number {
  const steps = lines.slice(1).flatMap((line, index) => {
    const before = lines[index]
    const stepMs = startOf(line) - (before === undefined ? Number.NaN : startOf(before))
    return before?.field(1) === line.field(1) && stepMs > 0 ? [stepMs] : []
  })
  if (steps.length === 0) throw badPlace(2, 1, 'two lines of one zone, which tell how long each holds', '')
  return Math.min(...steps)
}

function endOf(startsUnixMs: number, stepMs: number): number {
  if (stepMs < 28 * DAY_MS) return startsUnixMs + stepMs
  const start = new Date(startsUnixMs)
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + (stepMs < 32 * DAY_MS ? 1 : 12), 1)
}

/** Iterator's `take` would close the lines. */
function head<Item>(items: Iterator<Item>): Item[] {
  const first: Item[] = []
  for (let step = items.next(); !step.done; step = items.next()) {
    first.push(step.value)
    if (first.length === LOOKED_AT) break
  }
  return first
}

function* concat<Item>(first: Iterable<Item>, rest: Iterable<Item>): Generator<Item> {
  yield* first
  yield* rest
}
