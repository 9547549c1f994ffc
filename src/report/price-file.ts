import { createHash } from 'node:crypto'
import { CsvTable, csvRows } from '../carbon/table/csv-table.ts'
import { TableError, takeEach } from '../carbon/table/table-line.ts'
import { readBounded } from '../io/bounded-file.ts'
import { atOnce } from '../io/slices.ts'
import { HOUR_MS } from '../model/time.ts'
import { ReportFault } from './report-fault.ts'

/** Ten years of quarters of an hour take 20 MB. */
const MAX_BYTES = 64 << 20
const HEADER = 'start,end,per_kwh'
/** Of a kilowatt hour: dearer is a mistake of units. */
const DEAREST = 1_000_000
const PRICE = /^-?\d{1,7}(?:\.\d{1,12})?$/

export interface Price {
  readonly startsUnixMs: number
  readonly endsUnixMs: number
  readonly micro: bigint
}

export interface Prices {
  readonly sha256: string
  /** See `Tariff`; null for an hour that is not covered from end to end. */
  priceOf(hourUnixMs: number): bigint | null
}

/** Prices of a CSV file. Throws a ReportFault that names the file and the line. */
export function readPrices(path: string): Prices {
  try {
    const { bytes } = readBounded(path, MAX_BYTES)
    const prices = parsePrices(bytes.toString('utf8'))
    return {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      priceOf: (hour) => meanOver(prices, hour, hour + HOUR_MS),
    }
  } catch (cause) {
    const at = cause instanceof TableError ? `${path}:` : `cannot read the prices ${path}: `
    throw new ReportFault('REPORT_TARIFF', `${at}${(cause as Error).message}`, { cause })
  }
}

/** Throws a TableError with the bad places. */
export function parsePrices(text: string): Price[] {
  const prices: Price[] = []
  const rows = csvRows(new CsvTable(text), HEADER, (line): Price => {
    // It is negative where a grid has too much.
    const price = PRICE.test(line.field(2)) ? Number(line.field(2)) : Number.NaN
    if (!(Math.abs(price) <= DEAREST)) line.fail(2, 'a price, such as 0.27')
    return { ...line.stretch(0), micro: BigInt(Math.round(price * 1e6)) }
  })
  atOnce(takeEach(rows, (price) => prices.push(price)))
  prices.sort((a, b) => a.startsUnixMs - b.startsUnixMs)
  const twice = prices.find(({ startsUnixMs }, n) => startsUnixMs < (prices[n - 1]?.endsUnixMs ?? -Infinity))
  if (twice !== undefined) {
    throw new TableError([
      ` expected one price for each time, received two for ${new Date(twice.startsUnixMs).toISOString()}`,
    ])
  }
  return prices
}

/** Σ price × ms. */
function meanOver(prices: readonly Price[], from: number, until: number): bigint | null {
  let sum = 0n
  let coveredMs = 0
  for (let at = firstEndingAfter(prices, from); (prices[at]?.startsUnixMs ?? until) < until; at++) {
    const { startsUnixMs, endsUnixMs, micro } = prices[at] as Price
    const ms = Math.min(until, endsUnixMs) - Math.max(from, startsUnixMs)
    sum += micro * BigInt(ms)
    coveredMs += ms
  }
  return coveredMs === until - from ? sum : null
}

function firstEndingAfter(prices: readonly Price[], unixMs: number): number {
  let [low, high] = [0, prices.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((prices[middle]?.endsUnixMs ?? 0) <= unixMs) low = middle + 1
    else high = middle
  }
  return low
}
