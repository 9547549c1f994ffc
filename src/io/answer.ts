import { printable } from '../model/printable.ts'
import { masked } from '../model/secrets.ts'

/** Parsed JSON for a message: the first letters, with our keys masked and without what a terminal obeys. */
export function shown(received: Json | Date, letters: number): string {
  return printable(masked(JSON.stringify(received)).slice(0, letters))
}

/** An answer that is not as documented. The message shows parsed JSON alone. */
export class AnswerError extends Error {
  /** Without `received`, nothing of the answer is shown. */
  constructor(expected: string, received?: Json | Date) {
    super(`expected ${expected}, received ${received === undefined ? 'something else' : shown(received, 80)}`)
    this.name = 'AnswerError'
  }
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export function parseJson(body: string): Json {
  try {
    return JSON.parse(body) as Json
  } catch {
    throw new AnswerError('JSON')
  }
}

/** The value behind some keys; null where there is none. */
export function dig(value: Json, ...keys: readonly string[]): Json {
  let at = value
  for (const key of keys) {
    if (at === null || typeof at !== 'object' || Array.isArray(at)) return null
    at = (at as { readonly [key: string]: Json })[key] ?? null
  }
  return at
}

export function listIn(value: Json, ...keys: readonly string[]): readonly Json[] {
  const list = dig(value, ...keys)
  if (!Array.isArray(list)) throw new AnswerError(keys.length === 0 ? 'a list' : `a list at ${keys.join('.')}`, list)
  return list
}

/** As `parseJson`, with each number as the text that it was written in: `1.50` has two decimals. */
export function parseJsonExactly(body: string): Json {
  const asWritten = (_: string, value: Json, { source }: { readonly source?: string }): Json =>
    typeof value === 'number' && source !== undefined ? source : value
  try {
    return JSON.parse(body, asWritten as (key: string, value: unknown) => unknown) as Json
  } catch {
    throw new AnswerError('JSON')
  }
}

/** The value at a path such as `meters.0.power`, whose digits count from zero in lists; null where there is none. */
export function digPath(value: Json, path: string): Json {
  let at = value
  for (const key of path.split('.')) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) return null
    at = (at as { readonly [key: string]: Json })[key] ?? null
  }
  return at
}
