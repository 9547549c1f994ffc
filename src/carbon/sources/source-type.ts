import type * as z from 'zod'
import type { Logger } from '../../model/logger.ts'
import type { Feed } from '../feeds/feed.ts'
import type { IntensitySource } from '../intensity/source.ts'

/** What a source is created with, besides its own keys. */
export interface SourceSetting {
  /** Where it stands in the configuration, such as `carbon.location.1`. A ConfigFault names it. */
  readonly key: string
  /** Where the electricity is from, as figures name it; null where nothing says. */
  readonly zone: string | null
  readonly logger: Logger
  /** The figures of a public interface as a source. */
  live(feed: Feed, holdMs: number): IntensitySource
}

/** Given to a source, which says its keys with it. */
export type Keys = typeof import('./keys.ts')

/** One kind of source: all that adding one takes, besides its line in `SOURCES`. */
export interface SourceType<Schema extends (keys: Keys) => z.ZodType = AnySchema> {
  /** The value of `source`. */
  readonly name: string
  /** Makes the keys with their documentation: an agent, which has read them elsewhere, never calls it. */
  readonly schema: Schema
  /** What an operator could write, for the documentation; left out where `static` and the others show enough. */
  readonly example?: Readonly<Record<string, unknown>>
  /** ISO 3166 alpha-2 code of the one country that it knows; left out where it knows several. */
  readonly home?: string
  /** The same of a source whose keys name it; null where they do not. */
  homeOf?(config: ConfigOf<Schema>): string | null
  /** Null: the zone's yearly average, which stands behind all sources anyway. Throws a ConfigFault. */
  create(config: ConfigOf<Schema>, setting: SourceSetting): IntensitySource | null
}

/** The one country that a configured source is for; null where it can be for several. */
export function homeOf(type: SourceType, config: { readonly source: string }): string | null {
  return type.home ?? type.homeOf?.(config) ?? null
}

/** What the keys of a source say once they are read. */
export type ConfigOf<Schema extends (keys: Keys) => z.ZodType> = z.output<ReturnType<Schema>>

type AnySchema = (keys: Keys) => ReturnType<Keys['variant']>
