import { BadRequest } from '../io/serve/query.ts'
import type { Wish } from './windows.ts'

/** Of a request's body, and so of all that a window carries. */
export const MOST_BODY_BYTES = 16_384

const NAME = /^[^\p{Cc}]{1,128}$/u
const SERIES = /^[^\p{Cc}]{0,128}$/u
const TAG_KEY = /^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/
const TAG_VALUE = /^[^\p{Cc}]{0,256}$/u
const MOST_TAGS = 16
const MOST_REPEATS = 1_000_000
const MOST_BASELINE_W = 1_000_000
/** Below the time that an answer may take. */
export const MOST_WAIT_S = 12
const DAY_S = 86_400

type Json = Readonly<Record<string, unknown>>

/** `text` is the body of POST /v1/windows. */
export function wishOf(text: string, uid: number | null): Wish {
  const body = objectOf(text, ['name', 'tags', 'series', 'repeats', 'limit_s', 'baseline_w', 'has_scope'])
  const limitS = numberIn(body, 'limit_s', 0.001, 366 * DAY_S)
  const repeats = numberIn(body, 'repeats', 1, MOST_REPEATS)
  const baselineW = numberIn(body, 'baseline_w', 0, MOST_BASELINE_W)
  if (repeats !== null && !Number.isInteger(repeats)) throw new BadRequest('repeats: expected a whole number')
  const { has_scope: hasScope = false } = body
  if (typeof hasScope !== 'boolean') throw new BadRequest('has_scope: expected true or false')
  return {
    uid,
    hasScope,
    name: textIn(body, 'name', NAME, 'text of 1 to 128 printable characters'),
    tags: tagsIn(body),
    series: body.series == null ? '' : textIn(body, 'series', SERIES, 'text of up to 128 printable characters'),
    repeats,
    limitMs: limitS === null ? null : Math.ceil(limitS * 1e3),
    baselineUw: baselineW === null ? null : BigInt(Math.round(baselineW * 1e6)),
  }
}

/** `text` is the body of POST /v1/windows/{id}/end, which may be empty. Returns seconds. */
export function waitOf(text: string, preset: number): number {
  return numberIn(objectOf(text, ['wait_s']), 'wait_s', 0, MOST_WAIT_S) ?? preset
}

export function waitIn(query: URLSearchParams, preset: number): number {
  const text = query.get('wait_s')
  return text === null ? preset : inRange('wait_s', Number(text || 'none'), 0, MOST_WAIT_S)
}

function objectOf(text: string, keys: readonly string[]): Json {
  let value: unknown
  try {
    value = text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    throw new BadRequest('the body is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadRequest('expected a JSON object')
  const unknown = Object.keys(value).find((key) => !keys.includes(key))
  if (unknown !== undefined) throw new BadRequest(`unknown key ${JSON.stringify(unknown)}: expected ${keys.join(', ')}`)
  return value as Json
}

function textIn(body: Json, key: string, form: RegExp, expected: string): string {
  const value = body[key]
  if (typeof value !== 'string' || !form.test(value)) throw new BadRequest(`${key}: expected ${expected}`)
  return value
}

function numberIn(body: Json, key: string, least: number, most: number): number | null {
  const value = body[key]
  return value == null ? null : inRange(key, value, least, most)
}

function inRange(key: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw new BadRequest(`${key}: expected a number from ${least} to ${most}`)
}

function tagsIn({ tags = {} }: Json): Readonly<Record<string, string>> {
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) {
    throw new BadRequest('tags: expected an object of names and text')
  }
  const entries = Object.entries(tags)
  if (entries.length > MOST_TAGS) throw new BadRequest(`tags: expected at most ${MOST_TAGS}`)
  for (const [key, value] of entries) {
    if (!TAG_KEY.test(key)) throw new BadRequest('tags: expected names of up to 63 letters, digits, dots, - and _')
    if (typeof value !== 'string' || !TAG_VALUE.test(value)) {
      throw new BadRequest(`tags.${key}: expected text of up to 256 printable characters`)
    }
  }
  return Object.fromEntries(entries) as Readonly<Record<string, string>>
}
