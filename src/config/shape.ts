import * as z from 'zod'
import { settingsSchema } from './schema.ts'

/** The part of JSON Schema that documents a key. */
export interface KeyShape {
  readonly description?: string
  readonly default?: unknown
  /** What the key may be set to, for a key with many forms. */
  readonly examples?: readonly unknown[]
  /** Set on a mapping with known keys. */
  readonly properties?: Readonly<Record<string, KeyShape>>
}

/** What a file may contain, as JSON Schema 2020-12. */
export function jsonSchema(): KeyShape {
  return z.toJSONSchema(settingsSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // Zod leaves examples of what it decodes out, taking them for output. Ours are what people write.
      const { examples } = z.globalRegistry.get(zodSchema) ?? {}
      if (examples !== undefined) jsonSchema.examples = [...(examples as readonly unknown[])]
    },
  }) as KeyShape
}

/** The documentation of one key of a mapping; undefined where there is none. */
export function childOf(shape: KeyShape | undefined, key: PropertyKey): KeyShape | undefined {
  const children = shape?.properties ?? {}
  return Object.hasOwn(children, key) ? children[String(key)] : undefined
}
