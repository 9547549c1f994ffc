import { httpGet, TIMEOUT_MS } from '../../io/http.ts'
import { allOf, type Fault, fault, faultsOf } from '../../model/config-fault.ts'
import { type Logger, SILENT } from '../../model/logger.ts'
import { type EiaConfig, eiaFeed } from './eia.ts'
import { type ElectricityMapsConfig, electricityMapsFeed } from './electricitymaps.ts'
import { type EntsoeConfig, entsoeFeed } from './entsoe.ts'
import type { Feed } from './feed.ts'
import type { IntensityCache } from './feed-history.ts'
import { type FileConfig, FileSource } from './file.ts'
import { GridFigures, type SourceChange } from './grid-figures.ts'
import { LiveSource } from './live.ts'
import { type PrometheusConfig, prometheusFeed } from './prometheus.ts'
import { type RteConfig, rteFeed } from './rte.ts'
import { type IntensitySource, isRefreshed, type RefreshedSource } from './source.ts'
import { type StaticConfig, StaticSource, staticIntensity } from './static.ts'
import { type UkConfig, ukFeed } from './uk.ts'
import { type ValueConfig, ValueSource } from './value.ts'

export type SourceConfig =
  | StaticConfig
  | ValueConfig
  | FileConfig
  | UkConfig
  | ElectricityMapsConfig
  | RteConfig
  | EiaConfig
  | EntsoeConfig
  | PrometheusConfig

export interface LocationConfig {
  /** ISO 3166 code; null for the world average. */
  readonly zone: string | null
  /** One source, or several in order of preference. */
  readonly location: SourceConfig | readonly SourceConfig[]
}

interface Surroundings {
  readonly logger: Logger
  readonly unixMs: () => number
  /** Names proxies. */
  readonly env: NodeJS.ProcessEnv
  /** Where fetched figures outlive a restart. */
  readonly cache: IntensityCache
}

export interface LocationOptions extends LocationConfig, Surroundings {
  /** Notes an event in the ledger. */
  readonly note: (what: string, detail: string) => void
}

export interface Location {
  readonly grid: GridFigures
  /** Those of its sources that have to look for their data. */
  readonly refreshed: readonly RefreshedSource[]
}

/** The grid's figures that a configuration describes. Throws a ConfigFault. */
export function createLocation(options: LocationOptions): Location {
  const { logger } = options
  const sources = createSources(options, options)
  if (options.zone === null && sources[0]?.name === 'static') warnOfWorldAverage(logger)
  const grid = new GridFigures({ sources, onChange: (change) => announce(change, options) })
  return { grid, refreshed: sources.filter(isRefreshed) }
}

/** What is wrong with it on this machine: with the files that it needs too, if `isDeep`. Asks no server. */
export function checkLocation(config: LocationConfig, isDeep: boolean): readonly Fault[] {
  const cache = { load: () => [], save: () => true }
  return stepsOf(config, { logger: SILENT, unixMs: Date.now, env: {}, cache }).flatMap(({ key, create }) =>
    faultsOf(() => {
      const source = create()
      if (!isDeep || source === null || !isRefreshed(source)) return []
      return source.check().map((text) => ({ key, text: `${source.name}: ${text}` }))
    }),
  )
}

/** Sources that know one country. */
const HOMES: Readonly<Record<string, string>> = { uk: 'GB', rte: 'FR' }

/** Where the electricity is from: the configured zone, else the country of a source that knows one alone. */
export function zoneOf({ zone, location }: LocationConfig): string | null {
  const configs: readonly SourceConfig[] = 'source' in location ? [location] : location
  return zone ?? configs.map(({ source }) => HOMES[source]).find((home) => home !== undefined) ?? null
}

/** The configured sources, and the zone's yearly average behind them, which covers every time. Throws a ConfigFault. */
function createSources(config: LocationConfig, surroundings: Surroundings): IntensitySource[] {
  const [average, ...configured] = allOf(stepsOf(config, surroundings).map(({ create }) => create))
  const sources = configured.map((source) => source ?? average)
  return [...sources, ...(configured.includes(null) ? [] : [average])].filter((source) => source != null)
}

interface Step {
  readonly key: string
  /** Null: the yearly average, which the first step makes. */
  readonly create: () => IntensitySource | null
}

function stepsOf({ zone, location }: LocationConfig, surroundings: Surroundings): Step[] {
  const configs: readonly SourceConfig[] = 'source' in location ? [location] : location
  const place = zoneOf({ zone, location })
  const steps = configs.map((config, index): Step => {
    const key = 'source' in location ? 'carbon.location' : `carbon.location.${index}`
    return { key, create: () => createSource(config, key, nameOf(place), surroundings) }
  })
  return [{ key: 'carbon.zone', create: () => new StaticSource(place) }, ...steps]
}

/** How figures call a zone; one that is not known is a fault of its own. */
function nameOf(place: string | null): string | null {
  try {
    return place === null ? null : staticIntensity(place).zone
  } catch {
    return place
  }
}

function createSource(
  config: SourceConfig,
  key: string,
  zone: string | null,
  { logger, unixMs, env, cache }: Surroundings,
): IntensitySource | null {
  const live = (feed: Feed, holdMs: number) =>
    new LiveSource({
      feed,
      cache,
      get: httpGet({ timeoutMs: TIMEOUT_MS, env, unixMs }),
      holdMs,
      unixMs,
      random: Math.random,
      logger,
    })
  const home = HOMES[config.source]
  if (home !== undefined && home !== zone) throw fault(key, `${config.source}: is of ${home}, carbon.zone is ${zone}`)
  switch (config.source) {
    case 'static':
      return null
    case 'value':
      return new ValueSource(config, zone ?? 'unnamed', key)
    case 'file':
      return new FileSource(config, zone, logger)
    case 'uk':
      return live(ukFeed(), config.hold)
    case 'rte':
      return live(rteFeed(), config.hold)
    case 'eia':
      return live(eiaFeed(config), config.hold)
    case 'entsoe':
      return live(entsoeFeed(config), config.hold)
    case 'prometheus':
      return live(prometheusFeed(config, zone, key), config.hold)
    case 'electricitymaps': {
      const own = config.zone ?? zone
      if (own === null) throw fault(key, 'electricitymaps: set zone or carbon.zone')
      return live(electricityMapsFeed(config, own), config.hold)
    }
  }
}

function warnOfWorldAverage(logger: Logger): void {
  const gPerKwh = Number(staticIntensity(null).mgPerKwh) / 1e3
  logger.warn(
    { event: 'carbon_zone_unset', gPerKwh },
    `carbon.zone is not set: emissions are counted with the world average of ${Math.round(gPerKwh)} g/kWh. Set it to the country's code, such as DE`,
  )
}

function announce(
  { from, to, intensity, atUnixMs, isFallback }: SourceChange,
  { logger, note }: LocationOptions,
): void {
  const since = new Date(atUnixMs).toISOString()
  const figure = `${intensity.source}, ${Math.round(Number(intensity.mgPerKwh) / 1e3)} g/kWh ${intensity.basis}`
  const event = 'intensity_source_changed'
  const fields = { event, from: from.name, to: to.name, since }
  if (isFallback) {
    const reason = from.problem ?? 'it has no figure for this time'
    note(event, `${from.name} -> ${to.name} from ${since}: ${reason}`)
    logger.warn(fields, `carbon.location: ${from.name} is replaced from ${since} by ${figure}, estimated: ${reason}`)
  } else {
    note(event, `${from.name} -> ${to.name} from ${since}`)
    logger.info(fields, `carbon.location: ${to.name} is used again from ${since}: ${figure}`)
  }
}
