import { httpGet, TIMEOUT_MS } from '../io/http.ts'
import { SourceRefresher } from '../io/refresher.ts'
import type { MachineParts } from '../machine/machine-parts.ts'
import { allOf, type Fault, faultsOf } from '../model/config-fault.ts'
import { type Logger, SILENT } from '../model/logger.ts'
import { Carbon, type CarbonStore } from './books/carbon.ts'
import { createEmbodied } from './embodied/create-embodied.ts'
import { checkEmbodied, type EmbodiedSettings } from './embodied/embodied.ts'
import type { IntensityCache } from './feeds/feed-history.ts'
import { announce } from './intensity/source-change.ts'
import { checkLocation, createLocation, type LocationConfig, zoneOf } from './location.ts'
import { checkMarginal, createMarginal, type MarginalConfig } from './marginal/marginal.ts'
import { contractsOf, type MarketConfig, residualOf } from './market/contract.ts'
import { MarketMix } from './market/market-mix.ts'
import { checkPue, createPue, type PueConfig } from './pue/create-pue.ts'
import { createWater, type WaterConfig } from './water/water.ts'

/** Section `carbon` of the configuration. */
export interface CarbonConfig extends LocationConfig {
  readonly marginal: MarginalConfig | null
  readonly market: MarketConfig
  readonly pue: PueConfig
  readonly water: WaterConfig
  readonly embodied: EmbodiedSettings
}

export interface CarbonSurroundings {
  readonly store: CarbonStore
  /** What this machine consists of. */
  readonly parts: MachineParts
  readonly logger: Logger
  readonly unixMs: () => number
  /** Names proxies. */
  readonly env: NodeJS.ProcessEnv
  /** Where fetched figures outlive a restart. */
  readonly cache: IntensityCache
}

/** The carbon books that a configuration describes. Throws a ConfigFault. */
export function createCarbon(config: CarbonConfig, surroundings: CarbonSurroundings): Carbon {
  const { logger, parts, store, unixMs, env } = surroundings
  const { grid, refreshed } = createLocation(config, surroundings)
  const { pue, refreshed: refreshedPue } = createPue(config.pue, surroundings)
  const marginal = createMarginal(config.marginal, {
    ...surroundings,
    get: httpGet({ timeoutMs: TIMEOUT_MS, env, unixMs }),
    random: Math.random,
  })
  return new Carbon({
    grid,
    announce: (change, more) => announce(change, logger, more),
    market: createMarket(config),
    pue,
    water: createWater(config.water, zoneOf(config), logger),
    embodied: createEmbodied({ settings: config.embodied, parts, logger }),
    marginal,
    store,
    refresher: new SourceRefresher([...refreshed, ...refreshedPue, ...(marginal === null ? [] : [marginal])]),
    unixMs,
  })
}

/** All that is wrong with it on this machine: with the files that it names too, if `isDeep`. Asks no server. */
export function checkCarbon(config: CarbonConfig, isDeep: boolean): readonly Fault[] {
  const market = () => {
    createMarket(config)
    return []
  }
  return [
    ...checkLocation(config, isDeep),
    ...(isDeep ? checkMarginal(config.marginal) : []),
    ...checkPue(config.pue, isDeep),
    ...faultsOf(market),
    ...faultsOf(() => {
      checkEmbodied(config.embodied)
      return []
    }),
  ]
}

const NO_CACHE: IntensityCache = { load: () => [], save: () => true }

/**
 * What a kilowatt hour of the machine stands for at a moment, PUE included, by what is known without asking anybody: of a
 * live source the yearly average behind it. Throws a ConfigFault.
 */
export function yearlyRate(
  config: CarbonConfig,
  unixMs: number,
): { readonly gPerKwh: number; readonly source: string } {
  const surroundings = { logger: SILENT, unixMs: () => unixMs, env: {}, cache: NO_CACHE }
  const { mgPerKwh, source } = createLocation(config, surroundings).grid.at(unixMs).intensity
  const { puePpm } = createPue(config.pue, surroundings).pue.cover(unixMs).statement
  return { gPerKwh: (Number(mgPerKwh) * Number(puePpm)) / 1e9, source }
}

function createMarket(config: CarbonConfig): MarketMix | null {
  const { market } = config
  if (market.source === 'none') return null
  const place = zoneOf(config) ?? 'unnamed'
  const [contracts, residual] = allOf([
    () => contractsOf(market.contracts, place),
    () => (market.residual === null ? null : residualOf(market.residual, place)),
  ])
  return new MarketMix(contracts, residual)
}
