import type * as z from 'zod'
import { readNamed } from '../io/bounded-file.ts'
import { ConfigFault, inOrder } from '../model/config-fault.ts'
import { didYouMean, nearest } from '../model/did-you-mean.ts'
import { UsageError } from '../model/usage-error.ts'
import { describe } from '../schema/describe.ts'
import { YamlSource } from '../schema/yaml-source.ts'
import { type BoampsFacts, factsSchema } from './boamps-facts.ts'

/** A task takes some lines. */
const MAX_BYTES = 1 << 16

/** What a person knows of a task, from a file of YAML or JSON. @throws UsageError with every bad place, a line each. */
export function readFacts(path: string): BoampsFacts {
  const source = new YamlSource(textOf(path), path)
  if (source.faults.length > 0) throw unfit(source.faults)
  const parsed = factsSchema.safeParse(source.value)
  if (parsed.success) return parsed.data
  throw unfit(
    inOrder(
      parsed.error.issues.map((issue) => {
        const keys = issue.path.map(String)
        const at = issue.code === 'unrecognized_keys' ? [...keys, issue.keys[0] ?? ''] : keys
        return { key: at.join('.'), text: sayOf(issue, valueAt(source.value, keys)), place: source.locate(at) }
      }),
    ),
  )
}

function textOf(path: string): string {
  try {
    return readNamed(path, MAX_BYTES).toString('utf8')
  } catch (cause) {
    throw new UsageError(`--task: ${(cause as Error).message}`, { cause })
  }
}

function sayOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code !== 'unrecognized_keys') return `expected ${issue.message}, received ${describe(value)}`
  const [key = ''] = issue.keys
  return `expected a key that BoAmps has and nothing else tells, received ${describe(key)}${didYouMean([nearest(key, keysAt(issue.path))])}`
}

/** The keys that the schema has where a path leads. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let at: unknown = factsSchema
  for (const key of path) {
    const { def } = bare(at)
    at = def.element ?? def.shape?.[String(key)]
  }
  return Object.keys(bare(at).def.shape ?? {})
}

interface Def {
  readonly shape?: Readonly<Record<string, unknown>>
  readonly element?: unknown
  readonly innerType?: unknown
}

function bare(schema: unknown): { readonly def: Def } {
  const typed = schema as { readonly def: Def }
  return typed.def.innerType === undefined ? typed : bare(typed.def.innerType)
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value)
}

function unfit(faults: ConstructorParameters<typeof ConfigFault>[0]): UsageError {
  return new UsageError(new ConfigFault(faults).message)
}
