import * as z from 'zod'
import * as keys from './keys.ts'
import type { SourceType } from './source-type.ts'
import { SOURCES } from './sources.ts'

/** What `carbon.location` may be: one source or several in order of preference. */

const MARGINAL =
  'watttime is a marginal intensity, which must not enter an inventory: set carbon.marginal to show it as a series of its own'
const EXPECTED = 'a source, such as { source: static }, or a list of 1 to 8 in order of preference'

/** The schema of a key that takes sources of these types. */
export function sourcesOf<Type extends SourceType>(types: readonly Type[]) {
  const names = types.map(({ name }) => name).join(', ')
  const schemas = types.map(({ schema }) => schema(keys) as ReturnType<Type['schema']>)
  const one = z.discriminatedUnion('source', schemas as [(typeof schemas)[0], ...typeof schemas], {
    error: ({ input }) => {
      const name = (input as { readonly source?: unknown } | null | undefined)?.source
      const hint = name === 'watttime' ? ` (${MARGINAL})` : ''
      return typeof input === 'object' && input !== null ? `one of ${names}${hint}` : EXPECTED
    },
  })
  const several = z.array(one, { error: EXPECTED }).min(1, { error: EXPECTED }).max(8, { error: EXPECTED })
  return z
    .union([one, several], { error: EXPECTED })
    .prefault({ source: 'static' } as never)
    .meta({
      description: `Carbon intensity of the grid, for the location-based account. The first source that covers a time counts; the yearly average of the zone is the last resort. Expects ${EXPECTED}.`,
      examples: types.flatMap(({ example }) => example ?? []),
    })
}

export const intensitySources = sourcesOf(SOURCES)
