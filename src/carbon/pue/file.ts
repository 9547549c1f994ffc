import type { Sliced } from '../../io/slices.ts'
import type { Logger } from '../../model/logger.ts'
import { EXPECTED_PUE, puePpmOf } from '../../model/pue.ts'
import { CsvTable, csvRows } from '../table/csv-table.ts'
import { takeEach } from '../table/table-line.ts'
import { WatchedFile } from '../table/watched-file.ts'
import { TimeSeries } from '../time/time-series.ts'
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

  /** Throws a ConfigFault. */
  constructor(config: FilePueConfig, { logger, unixMs }: FilePueOptions) {
    const { path } = config
    this.#unixMs = unixMs
    this.#file = new WatchedFile({ path, what: 'PUE', event: 'pue', parse: parsePueCsv, logger })
    this.#standIn = { holdMs: config.hold, default: statedPue(config.default, 'configuration', 'carbon.pue.default') }
  }

  cover(unixMs: number): PueCoverage {
    return coverBySeries(this.#file.content ?? NOTHING, unixMs, 'file', this.#standIn)
  }

  get problem(): string | null {
    return this.#file.problem ?? latenessOf(this.#file.content ?? NOTHING, this.#unixMs(), this.#standIn)
  }

  check(): readonly string[] {
    return this.#file.check()
  }

  refresh(signal: AbortSignal): Promise<number> {
    return this.#file.refresh(signal)
  }
}

/** Throws a TableError with the bad places, if any. */
export function* parsePueCsv(text: string): Sliced<TimeSeries<PuePeriod>> {
  const [series, periods] = [new TimeSeries<PuePeriod>(), [] as PuePeriod[]]
  const rows = csvRows(new CsvTable(text), PUE_HEADER, (line) => ({
    ...line.stretch(0),
    puePpm: puePpmOf(line.number(2)) ?? line.fail(2, EXPECTED_PUE),
  }))
  yield* takeEach(rows, (period) => periods.push(period))
  yield* series.putAll(periods)
  return series
}
