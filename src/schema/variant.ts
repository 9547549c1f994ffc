import * as z from 'zod'

/** One kind of a mapping that is told apart by its key `source`. */
export function variant<const N extends string, S extends z.core.$ZodLooseShape>(source: N, about: string, shape: S) {
  const keys = ['source', ...Object.keys(shape)].join(', ')
  const error = ({ code }: { readonly code?: string | undefined }) =>
    code === 'unrecognized_keys' ? `one of the keys ${keys}` : 'a mapping'
  return z.strictObject({ source: z.literal(source), ...shape }, { error }).meta({ description: about })
}
