import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createCarbon } from '../src/carbon/create-carbon.ts'
import { HEADER } from '../src/carbon/sources/intensity-file.ts'
import { readHost } from '../src/machine/host.ts'
import { partsOf } from '../src/machine/machine-parts.ts'
import type { EmissionRow } from '../src/model/carbon.ts'
import type { Logger } from '../src/model/logger.ts'
import type { BenchRow } from './row.ts'

const HOUR_MS = 3_600_000
const DAY_HOURS = 24
const YEAR_HOURS = 8_760
const START_UNIX_MS = Date.UTC(2022, 0, 1)
export const PUE = 1.2

const fixtures = join(import.meta.dirname, '../test/fixtures')
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** g/kWh by the hour of 2022, UTC; null where the grid has no figure. */
export function gridYear(zone: string): (number | null)[] {
  return columnOf(`grid/${zone}-2022.csv.gz`).map((cell) => (cell === '' ? null : Number(cell)))
}

/** µJ by the hour: a server of 100 W idle and 350 W at full load, linear between, that does what the trace says. */
export function energyYear(trace: string): bigint[] {
  const loads = columnOf(`workload/${trace}.csv.gz`).slice(0, YEAR_HOURS).map(Number)
  return loads.map((load) => BigInt(Math.round((100 + 250 * load) * 1e6)) * 3_600n)
}

function columnOf(path: string): string[] {
  const text = gunzipSync(readFileSync(join(fixtures, path))).toString()
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[1] ?? '')
}

/** To the milligram, as the books count. */
export function meanOf(figures: readonly (number | null)[]): number {
  const known = figures.filter((figure) => figure !== null)
  return Math.round((1e3 * known.reduce((sum, figure) => sum + figure, 0)) / known.length) / 1e3
}

/** A year through the carbon books: a file of hours, and behind it the year's mean where the file has none. */
async function bookYear(
  energies: readonly bigint[],
  figures: readonly (number | null)[],
): Promise<readonly EmissionRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'carbon-year-'))
  const path = join(directory, 'grid.csv')
  const iso = (hour: number) => new Date(START_UNIX_MS + hour * HOUR_MS).toISOString()
  const lines = figures.map((g, hour) => (g === null ? [] : [`US,${iso(hour)},${iso(hour + 1)},${g},life-cycle`]))
  writeFileSync(path, `${[HEADER, ...lines.flat()].join('\n')}\n`)
  const clock = { nowUnixMs: START_UNIX_MS }
  const read = Promise.withResolvers<void>()
  const carbon = createCarbon(
    {
      zone: 'US',
      location: [
        { source: 'file', path, zone: 'US', basis: 'life-cycle' },
        { source: 'value', g_per_kwh: meanOf(figures), basis: 'life-cycle', reference: 'mean of 2022' },
      ],
      marginal: null,
      market: { source: 'none' },
      pue: PUE,
      water: { wue: null, grid: 'none' },
      embodied: 'none',
    },
    {
      store: {
        restore: () => null,
        restoreBooks: () => ({ emissions: [], next: { emissionId: 1, restatementId: 1 } }),
      },
      parts: partsOf(readHost({ sysfs: directory, procfs: directory }), null),
      logger: { ...silent, info: ({ event }) => (event === 'intensity_file_read' ? read.resolve() : undefined) },
      unixMs: () => clock.nowUnixMs,
      env: {},
      cache: { load: () => [], save: () => true },
    },
  )
  const rows: EmissionRow[] = []
  try {
    await carbon.start(new AbortController().signal)
    // A start waits for its files for a moment only, which a busy machine may need for other things.
    await read.promise
    for (const [hour, energyUj] of energies.entries()) {
      carbon.book(energyUj, clock.nowUnixMs, clock.nowUnixMs + HOUR_MS)
      clock.nowUnixMs += HOUR_MS
      if ((hour + 1) % DAY_HOURS === 0) rows.push(...carbon.collect().emissions)
    }
  } finally {
    await carbon.stop(new AbortController().signal)
    rmSync(directory, { recursive: true })
  }
  return rows
}

/** How far the year's mean is from the hours, in percent, when the trace begins `shift` hours later. */
function biasPercent(energies: readonly bigint[], figures: readonly (number | null)[], shift = 0): number {
  const mean = meanOf(figures)
  const energyAt = (hour: number) => Number(energies[(hour - shift + YEAR_HOURS) % YEAR_HOURS])
  const [byHour, byMean] = figures.reduce(
    ([hourly, annual], g, hour) => [hourly + energyAt(hour) * (g ?? mean), annual + energyAt(hour) * mean],
    [0, 0],
  )
  return 100 * (byMean / byHour - 1)
}

export interface YearFigures {
  readonly rows: readonly EmissionRow[]
  readonly kwh: number
  readonly hourlyKg: number
  readonly annualKg: number
  readonly biasPercent: number
  /** Least and greatest bias over the 24 ways to lay the trace's hours upon the day. */
  readonly shiftedPercent: readonly [number, number]
}

export const COMBINATIONS: readonly (readonly [zone: string, trace: string])[] = ['CA', 'NY', 'TX'].flatMap((zone) =>
  ['google', 'alibaba'].map((trace) => [zone, trace] as const),
)

export async function yearFigures(zone: string, trace: string): Promise<YearFigures> {
  const [figures, energies] = [gridYear(zone), energyYear(trace)]
  const rows = await bookYear(energies, figures)
  const kwh = Number(energies.reduce((sum, uj) => sum + uj, 0n)) / 3.6e12
  const hourlyKg = rows.reduce((sum, { co2eUg }) => sum + Number(co2eUg), 0) / 1e9
  const annualKg = (kwh * PUE * meanOf(figures)) / 1e3
  const shifted = Array.from({ length: DAY_HOURS }, (_, shift) => biasPercent(energies, figures, shift))
  return {
    rows,
    kwh,
    hourlyKg,
    annualKg,
    biasPercent: 100 * (annualKg / hourlyKg - 1),
    shiftedPercent: [Math.min(...shifted), Math.max(...shifted)],
  }
}

export function yearRow(zone: string, trace: string, year: YearFigures): BenchRow {
  const { kwh, hourlyKg, annualKg, biasPercent, shiftedPercent } = year
  const [least, most] = shiftedPercent.map((percent) => percent.toFixed(2))
  return {
    name: `carbon of 2022, ${zone} × ${trace}`,
    figure: `${kwh.toFixed(1)} kWh, ${hourlyKg.toFixed(3)} kg by the hour, ${annualKg.toFixed(3)} kg by the mean: ${biasPercent.toFixed(2)} %`,
    aim: `${least} to ${most} % over 24 offsets`,
  }
}
