import { httpGet, TIMEOUT_MS } from '../io/http.ts'
import { allOf, type Fault, fault, faultsOf } from '../model/config-fault.ts'
import { type Logger, SILENT } from '../model/logger.ts'
import type { Feed } from './feeds/feed.ts'
import type { IntensityCache } from './feeds/feed-history.ts'
import { LiveSource } from './feeds/live.ts'
import { GridFigures } from './intensity/grid-figures.ts'
import { type IntensitySource, isRefreshed, type RefreshedSource } from './intensity/source.ts'
import { homeOf, type SourceType } from './sources/source-type.ts'
import { SOURCES, type SourceConfig } from './sources/sources.ts'
import { StaticSource, staticIntensity } from './sources/static.ts'

export interface LocationConfig {
  /** ISO 3166 code; null for the world average. */
  readonly zone: string | null
  /** One source, or several in order of preference. */
  readonly location: SourceConfig | readonly SourceConfig[]
}

export interface LocationSurroundings {
  readonly logger: Logger
  readonly unixMs: () => number
  /** Names proxies. */
  readonly env: NodeJS.ProcessEnv
  /** Where fetched figures outlive a restart. */
  readonly cache: IntensityCache
}

export interface Location {
  readonly grid: GridFigures
  /** The sources of it that look for their data. */
  readonly refreshed: readonly RefreshedSource[]
}

/** The grid's figures that a configuration describes, from sources of these types. Throws a ConfigFault. */
export function createLocation(
  config: LocationConfig,
  surroundings: LocationSurroundings,
  types: readonly SourceType[] = SOURCES,
): Location {
  const [average, ...configured] = allOf(stepsOf(config, surroundings, types).map(({ create }) => create))
  // The yearly average covers every time: it stands behind all sources that do not name it.
  const sources = [...configured.map((source) => source ?? average), ...(configured.includes(null) ? [] : [average])]
  const present = sources.filter((source) => source != null)
  if (zoneOf(config, types) === null && present[0]?.name === 'static') warnOfWorldAverage(surroundings.logger)
  return { grid: new GridFigures(present), refreshed: present.filter(isRefreshed) }
}

/** What is wrong with it on this machine: with the files that it needs too, if `isDeep`. Asks no server. */
export function checkLocation(
  config: LocationConfig,
  isDeep: boolean,
  types: readonly SourceType[] = SOURCES,
): readonly Fault[] {
  const cache = { load: () => [], save: () => true }
  const surroundings = { logger: SILENT, unixMs: Date.now, env: {}, cache }
  return stepsOf(config, surroundings, types).flatMap(({ key, create }) =>
    faultsOf(() => {
      const source = create()
      if (!isDeep || source === null || !isRefreshed(source)) return []
      return source.check().map((text) => ({ key, text: `${source.name}: ${text}` }))
    }),
  )
}

/** Where the electricity is from: the configured zone, else the country of a source that knows one alone. */
export function zoneOf({ zone, location }: LocationConfig, types: readonly SourceType[] = SOURCES): string | null {
  return zone ?? listOf(location).flatMap((config) => homeOf(typeOf(config, types), config) ?? [])[0] ?? null
}

interface Step {
  readonly key: string
  /** Null: the yearly average, which the first step makes. */
  readonly create: () => IntensitySource | null
}

function stepsOf(config: LocationConfig, surroundings: LocationSurroundings, types: readonly SourceType[]): Step[] {
  const place = zoneOf(config, types)
  const zone = figuresNameOf(place)
  const { logger } = surroundings
  const live = (feed: Feed, holdMs: number) => liveSource(feed, holdMs, surroundings)
  const steps = listOf(config.location).map((source, index): Step => {
    const key = 'source' in config.location ? 'carbon.location' : `carbon.location.${index}`
    const create = () => {
      const type = typeOf(source, types)
      const home = homeOf(type, source) ?? zone
      if (home !== zone) throw fault(key, `${type.name} covers ${home}, but carbon.zone is ${zone}`)
      return type.create(source, { key, zone, logger, live })
    }
    return { key, create }
  })
  return [{ key: 'carbon.zone', create: () => new StaticSource(place) }, ...steps]
}

function listOf(location: LocationConfig['location']): readonly SourceConfig[] {
  return 'source' in location ? [location] : location
}

function typeOf({ source }: SourceConfig, types: readonly SourceType[]): SourceType {
  const type = types.find(({ name }) => name === source)
  if (type === undefined) throw new Error(`${source} is no source`)
  return type
}

function liveSource(feed: Feed, holdMs: number, { logger, unixMs, env, cache }: LocationSurroundings): LiveSource {
  const get = httpGet({ timeoutMs: TIMEOUT_MS, env, unixMs })
  return new LiveSource({ feed, holdMs, cache, get, unixMs, random: Math.random, logger })
}

/** The zone's name in figures. An unknown zone is reported elsewhere. */
function figuresNameOf(place: string | null): string | null {
  try {
    return place === null ? null : staticIntensity(place).zone
  } catch {
    return place
  }
}

function warnOfWorldAverage(logger: Logger): void {
  const gPerKwh = Number(staticIntensity(null).mgPerKwh) / 1e3
  logger.warn(
    { event: 'carbon_zone_unset', gPerKwh },
    `carbon.zone is not set: emissions are counted with the world average of ${Math.round(gPerKwh)} g/kWh. Set it to the country's code, such as DE`,
  )
}
