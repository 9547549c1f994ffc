import type * as z from 'zod'
import type { Logger } from '../../model/logger.ts'
import type { variant } from '../../schema/variant.ts'
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

/** One kind of source: all that adding one takes, besides its line in `SOURCES`. */
export interface SourceType<Schema extends z.ZodType = AnySchema> {
  /** The keys with their documentation. The value of `source` is the name. */
  readonly schema: Schema
  /** What an operator could write, for the documentation; left out where `static` and the others show enough. */
  readonly example?: Readonly<Record<string, unknown>>
  /** ISO 3166 alpha-2 code of the one country that it knows; left out where it knows several. */
  readonly home?: string
  /** The same of a source whose keys name it; null where they do not. */
  homeOf?(config: z.output<Schema>): string | null
  /** Null: the zone's yearly average, which stands behind all sources anyway. Throws a ConfigFault. */
  create(config: z.output<Schema>, setting: SourceSetting): IntensitySource | null
}

/** The one country that a configured source is for; null where it can be for several. */
export function homeOf(type: SourceType, config: { readonly source: string }): string | null {
  return type.home ?? type.homeOf?.(config) ?? null
}

type AnySchema = ReturnType<typeof variant<string, z.core.$ZodLooseShape>>

export function nameOf({ schema }: SourceType): string {
  return schema.shape.source.value
}
