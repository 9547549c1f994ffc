import type * as z from 'zod'
import type { Fault } from '../model/config-fault.ts'
import { didYouMean, nearest } from '../model/did-you-mean.ts'
import { describe } from './describe.ts'
import { childOf, type KeyShape } from './key-shape.ts'
import type { YamlSource } from './yaml-source.ts'

/** `hwmon:` with every key below it commented out is null in YAML, and means a section of defaults. */
export function withoutEmptySections(value: unknown, shape: KeyShape | undefined): unknown {
  if (shape?.properties === undefined) return value
  if (value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, withoutEmptySections(child, childOf(shape, key))]),
  )
}

/** One thing that a schema does not take. */
export interface Finding {
  readonly path: readonly string[]
  readonly text: string
}

/** `shape` is that of the schema. */
export function findingsIn(error: z.ZodError, value: unknown, shape: KeyShape): Finding[] {
  return error.issues.flatMap((issue) => findingsOf(issue, value, shape))
}

export function faultOf({ path, text }: Finding, source: YamlSource): Fault {
  return { key: path.join('.'), text, place: source.locate(path) }
}

function findingsOf(issue: z.core.$ZodIssue, value: unknown, shape: KeyShape): Finding[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(path.reduce<KeyShape | undefined>(childOf, shape)?.properties ?? {})
    return issue.keys.map((key) => ({ path: [...path, key], text: unknownKey(key, known, issue.message) }))
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return alternativeOf(issue, value, shape)
  if (issue.code === 'invalid_key') {
    // The message of a bad key belongs to the schema of the keys, one level down.
    return [{ path, text: mismatch(issue.issues[0]?.message ?? issue.message, `the key ${describe(path.at(-1))}`) }]
  }
  return [{ path, text: mismatch(issue.message, describe(valueAt(value, path))) }]
}

/** Of the alternatives, the one that has the form of what is there, and what is wrong within it. */
function alternativeOf(issue: z.core.$ZodIssueInvalidUnion, value: unknown, shape: KeyShape): Finding[] {
  const isWithin = ({ code, path }: z.core.$ZodIssue) => path.length > 0 || code === 'unrecognized_keys'
  const issues = issue.errors.find((alternative) => alternative.every(isWithin))
  if (issues === undefined) return findingsOf({ ...issue, errors: [] }, value, shape)
  return issues.flatMap((inner) => findingsOf({ ...inner, path: [...issue.path, ...inner.path] }, value, shape))
}

function unknownKey(key: string, known: readonly string[], message: string): string {
  if (known.length === 0) return mismatch(message, `the key ${describe(key)}`)
  const hint = didYouMean([nearest(key, known)])
  return mismatch(`one of the keys ${known.join(', ')}`, `the unknown key ${describe(key)}${hint}`)
}

function mismatch(expected: string, received: string): string {
  return `expected ${expected}, received ${received}`
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value
  for (const key of path) at = (at as Record<string, unknown> | null | undefined)?.[key]
  return at
}
