import type { Logger } from '../../model/logger.ts'
import { EXPECTED_PUE, puePpmOf } from '../../model/pue.ts'
import { parseCsv } from '../csv-table.ts'
import { TimeSeries } from '../time-series.ts'
import { WatchedFile } from '../watched-file.ts'
import type { PueCoverage, RefreshedPue } from './pue.ts'
import { coverBySeries, latenessOf, type PuePeriod, type StandIn } from './pue-series.ts'
import { statedPue } from './stated.ts'

export interface FilePueConfig {
  readonly source: 'file'
  readonly path: string
  readonly default: number
  readonly hold: number
}

export interface FilePueOptions {
  readonly logger: Logger
  readonly unixMs: () => number
}

export const PUE_HEADER = 'start,end,pue'

const NOTHING = new TimeSeries<PuePeriod>()

/** A CSV file that the operator keeps. */
export class FilePue implements RefreshedPue {
  readonly #file: WatchedFile<TimeSeries<PuePeriod>>
  readonly #standIn: StandIn
  readonly #unixMs: () => number

  /** Throws a PueError. */
  constructor(config: FilePueConfig, { logger, unixMs }: FilePueOptions) {
    const { path } = config
    this.#unixMs = unixMs
    this.#file = new WatchedFile({ path, what: 'PUE', event: 'pue', parse: parsePueCsv, logger })
    this.#standIn = { holdMs: config.hold, default: statedPue(config.default, 'configuration', 'default: ') }
  }

  cover(unixMs: number): PueCoverage {
    return coverBySeries(this.#file.content ?? NOTHING, unixMs, 'file', this.#standIn)
  }

  get problem(): string | null {
    return this.#file.problem ?? latenessOf(this.#file.content ?? NOTHING, this.#unixMs(), this.#standIn)
  }

  check(): string | null {
    return this.#file.check()
  }

  refresh(): Promise<number> {
    return this.#file.refresh()
  }
}

/** Throws a CsvError for the first bad line. */
export function parsePueCsv(text: string): TimeSeries<PuePeriod> {
  const series = new TimeSeries<PuePeriod>()
  const periods = parseCsv(text, PUE_HEADER, (line) => ({
    ...line.stretch(0),
    puePpm: puePpmOf(line.number(2)) ?? line.fail(2, EXPECTED_PUE),
  }))
  for (const period of periods) series.put(period)
  return series
}
