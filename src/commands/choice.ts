import { didYouMean, nearest } from '../model/did-you-mean.ts'
import { UsageError } from '../model/usage-error.ts'

/** The one of some names that was typed. @throws UsageError: `--by: expected hour or day, received "dya" (did you mean day?)` */
export function chosen<Name extends string>(option: string, names: readonly Name[], typed: string): Name {
  const name = names.find((known) => known === typed)
  if (name !== undefined) return name
  const listed = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
  const meant = didYouMean([nearest(typed, names)])
  throw new UsageError(`${option}: expected ${listed}, received ${JSON.stringify(typed)}${meant}`)
}
