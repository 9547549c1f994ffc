import { Carbon, type CarbonStore } from '../../src/carbon/books/carbon.ts'
import type { EmbodiedAccrual } from '../../src/carbon/embodied/embodied-accrual.ts'
import { GridFigures } from '../../src/carbon/intensity/grid-figures.ts'
import type { IntensityPeriod } from '../../src/carbon/intensity/intensity-period.ts'
import type { IntensitySource } from '../../src/carbon/intensity/source.ts'
import { announce, type SourceChange } from '../../src/carbon/intensity/source-change.ts'
import type { MarketMix } from '../../src/carbon/market/market-mix.ts'
import { ConstantPue } from '../../src/carbon/pue/constant.ts'
import type { PueSource } from '../../src/carbon/pue/pue.ts'
import { ValueSource } from '../../src/carbon/sources/value.ts'
import { TimeSeries } from '../../src/carbon/time/time-series.ts'
import { createWater } from '../../src/carbon/water/water.ts'
import { SourceRefresher } from '../../src/io/refresher.ts'
import type { Factor } from '../../src/model/carbon.ts'
import { recorder } from './recorder.ts'

export const value = (gPerKwh: number): IntensitySource =>
  new ValueSource({ source: 'value', g_per_kwh: gPerKwh, basis: 'direct', reference: 'test' }, 'DE')

/** Of what is embodied in a machine. */
export const MAKING: Factor = {
  zone: 'machine',
  basis: 'life-cycle',
  mgPerKwh: null,
  source: 'test',
  instrument: 'manufacture',
  status: 'final',
  startsUnixMs: 0,
  endsUnixMs: null,
  dataQuality: 3,
  relativeUncertainty: 0.3,
  reason: null,
}

export const period = (
  startsUnixMs: number,
  endsUnixMs: number,
  gPerKwh: number,
  over: Partial<IntensityPeriod> = {},
): IntensityPeriod => ({
  zone: 'DE',
  basis: 'direct',
  mgPerKwh: BigInt(gPerKwh) * 1_000n,
  source: 'file',
  status: 'final',
  dataQuality: 1,
  relativeUncertainty: 0.05,
  startsUnixMs,
  endsUnixMs,
  ...over,
})

/** A source whose statements a test puts when it likes. */
export class PutSource implements IntensitySource {
  readonly name: string
  readonly basis = 'direct'
  readonly resolutionMs: number | null
  problem: string | null = null
  revision = 0
  #series = new TimeSeries<IntensityPeriod>()

  constructor(name: string, resolutionMs: number | null, ...periods: readonly IntensityPeriod[]) {
    this.name = name
    this.resolutionMs = resolutionMs
    this.put(...periods)
  }

  put(...periods: readonly IntensityPeriod[]): void {
    for (const one of periods) this.#series.put({ ...one, source: this.name })
    this.revision += 1
  }

  cover(unixMs: number) {
    const { period: intensity, untilUnixMs } = this.#series.at(unixMs)
    return { intensity, untilUnixMs }
  }
}

export interface ACarbonOptions {
  readonly sources: readonly IntensitySource[]
  /** Instead of the sources. */
  readonly grid?: GridFigures
  readonly pue?: number | PueSource
  readonly market?: MarketMix
  readonly embodied?: EmbodiedAccrual
  readonly water?: { readonly wue: number | null; readonly l_per_kwh: number | null }
  readonly store?: CarbonStore
  readonly unixMs?: () => number
  readonly nowNs?: () => bigint
}

/** Carbon books over sources of a test, started on an empty ledger unless it says otherwise. */
export function aCarbon(options: ACarbonOptions): {
  readonly carbon: Carbon
  readonly changes: readonly SourceChange[]
} {
  const { sources, pue = 1, market = null, embodied = null, water, unixMs = () => 0 } = options
  const changes: SourceChange[] = []
  const carbon = new Carbon({
    grid: options.grid ?? new GridFigures(sources),
    announce: (change, more) => {
      changes.push(change)
      return announce(change, recorder().logger, more)
    },
    market,
    pue: typeof pue === 'number' ? new ConstantPue(pue) : pue,
    water: createWater(
      {
        wue: water?.wue ?? null,
        grid: water?.l_per_kwh == null ? 'none' : { l_per_kwh: water.l_per_kwh, reference: 'test' },
      },
      null,
      recorder().logger,
    ),
    embodied,
    marginal: null,
    store: options.store ?? { restore: () => null, restoreBooks: () => ({ emissions: [], next: FIRST }) },
    refresher: new SourceRefresher([]),
    unixMs,
    ...(options.nowNs && { nowNs: options.nowNs }),
  })
  return { carbon, changes }
}

const FIRST = { emissionId: 1, restatementId: 1 }
