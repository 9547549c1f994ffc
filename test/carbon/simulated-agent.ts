import type { Carbon } from '../../src/carbon/books/carbon.ts'
import type { IntensityCache } from '../../src/carbon/feeds/feed-history.ts'
import type { IntensitySource } from '../../src/carbon/intensity/source.ts'
import { MarketMix } from '../../src/carbon/market/market-mix.ts'
import type { PueSource } from '../../src/carbon/pue/pue.ts'
import { NodeBooks } from '../../src/integration/node-books.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { CarbonTotals, EmissionAccount } from '../../src/model/carbon.ts'
import { FOREVER } from '../ledger/setting.ts'
import { aCarbon, period } from './a-carbon.ts'
import { recorder } from './recorder.ts'

/** The site's overhead by the hour of the day: cut where energy is not. */
export class DailyPue implements PueSource {
  readonly problem = null
  readonly #byHour: (hour: number) => bigint

  constructor(byHour: (hour: number) => bigint) {
    this.#byHour = byHour
  }

  ppmAt(unixMs: number): bigint {
    return this.#byHour(Math.floor(unixMs / 3_600_000) % 24)
  }

  cover(unixMs: number) {
    const puePpm = this.ppmAt(unixMs)
    const untilUnixMs = (Math.floor(unixMs / 3_600_000) + 1) * 3_600_000
    return { statement: { puePpm, relativeUncertainty: 0.02, source: 'test' }, untilUnixMs }
  }
}

export interface SimulatedOptions {
  readonly path: string
  readonly clock: { readonly nowUnixMs: number }
  readonly sources: (cache: IntensityCache) => readonly IntensitySource[]
  readonly pue: PueSource
  /** Part of the energy that a contract of 50 g/kWh covers. */
  readonly contractPpm: bigint
}

/** The carbon books between the real account of the node and a real ledger, as an agent has them, at a test's pace. */
export class SimulatedAgent {
  readonly #ledger: Ledger
  readonly #carbon: Carbon
  readonly #clock: SimulatedOptions['clock']
  #books: NodeBooks

  private constructor({ clock }: SimulatedOptions, ledger: Ledger, carbon: Carbon) {
    this.#clock = clock
    this.#ledger = ledger
    this.#carbon = carbon
    this.#books = new NodeBooks(carbon, ledger.restore()?.node ?? null)
  }

  static async start(options: SimulatedOptions): Promise<SimulatedAgent> {
    const { path, clock, sources, pue, contractPpm } = options
    const unixMs = () => clock.nowUnixMs
    const ledger = new Ledger({ path, keep: FOREVER, logger: recorder().logger, unixMs })
    await ledger.start(new AbortController().signal)
    const contract = {
      key: 'half',
      sharePpm: contractPpm,
      siteUj: null,
      factor: {
        ...period(0, Number.MAX_SAFE_INTEGER, 50, { source: 'contract:half' }),
        instrument: 'ppa',
        reason: null,
      },
    } as const
    const market = new MarketMix([contract], null)
    const { carbon } = aCarbon({ sources: sources(ledger.intensityCache), market, pue, store: ledger, unixMs })
    await carbon.start(new AbortController().signal)
    return new SimulatedAgent(options, ledger, carbon)
  }

  /** Energy of a time, from a meter of the whole machine. */
  post(energyUj: bigint, startUnixMs: number, endUnixMs: number): void {
    const [startNs, endNs] = [BigInt(startUnixMs) * 1_000_000n, BigInt(endUnixMs) * 1_000_000n]
    const shares = [{ leaf: 'rest', part: 'rest', quality: 'measured', energyUj }] as const
    const uncertainty = new Map([['ipmi', Number(energyUj) / 50]])
    const posting = { startNs, endNs, meter: 'ac_in', shares, uncertainty }
    this.#books.post(posting, startUnixMs)
    this.#books.cover({ startNs, endNs, counted: posting }, startUnixMs)
  }

  /** Prices, settles and commits. Returns the totals that an exporter would publish. */
  flush(): CarbonTotals {
    const { nowUnixMs } = this.#clock
    const nowNs = BigInt(nowUnixMs) * 1_000_000n
    const rows = this.#books.takeRows()
    const { totals, ...carbon } = this.#carbon.collect()
    const isWritten = this.#ledger.write({
      atUnixMs: nowUnixMs,
      channels: [],
      channelRows: [],
      ...rows,
      gaps: [],
      events: [],
      carbon,
      consumerRows: [],
      settledUnixMs: nowUnixMs,
      state: {
        bornUnixMs: 0,
        bootId: 'simulated',
        atUnixMs: nowUnixMs,
        atMonotonicNs: nowNs,
        channels: [],
        node: { ...this.#books.totals, settledNs: nowNs, meter: this.#books.meter, leaves: [], missing: [] },
        carbon: totals,
        selfEnergyUj: 0n,
        attribution: null,
        nodeModels: [],
        ceilings: {},
      },
    })
    const durable = this.#ledger.durable?.carbon
    if (!isWritten || durable === undefined) throw new Error('the ledger did not take a batch')
    return durable
  }

  async stop(): Promise<void> {
    await this.#carbon.stop(new AbortController().signal)
    await this.#ledger.stop()
  }
}

/** Of both bases. */
export function sumUg(totals: CarbonTotals, kind: 'bookedUg' | 'correctionUg', account: EmissionAccount): bigint {
  const { direct, 'life-cycle': lifeCycle } = totals[kind][account]
  return direct + lifeCycle
}
