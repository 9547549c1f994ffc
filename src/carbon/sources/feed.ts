import type { FigureStatus, IntensityBasis } from '../../model/carbon.ts'
import type { FetchedFigure } from '../../model/fetched-figure.ts'
import { masked } from '../../model/secrets.ts'
import type { StatedBasis } from '../../model/shown-intensity.ts'
import type { HttpRequest } from '../http.ts'
import type { IntensityQuality } from '../intensity-quality.ts'
import { parseRfc3339Ms } from '../rfc3339.ts'
import { MAX_G_PER_KWH, mgPerKwhOf } from './source.ts'

/** The time that a look asks for. */
export interface Window {
  readonly fromUnixMs: number
  readonly toUnixMs: number
}

/** One figure of an answer. */
export type Figure = Omit<FetchedFigure, 'basis' | 'fetchedUnixMs'>

/** How one public interface is asked and understood. Pure: no network, no clock. */
export interface PublicFeed {
  readonly name: string
  readonly basis: StatedBasis
  /** Names what is asked for, basis included: whatever changes the answer changes it. It holds no secret. */
  readonly cacheKey: string
  /** Time between two looks. */
  readonly everyMs: number
  /** How far back and ahead a look asks. What ended longer ago than the first is never revised. */
  readonly backMs: number
  readonly aheadMs: number
  /** Null: no key is needed. */
  readonly keyFile: string | null
  request(window: Window, key: string): HttpRequest
  /** Throws a FeedError for what is not as documented: an answer is taken as a whole or not at all. */
  parse(body: string, window: Window): readonly Figure[]
}

/** One whose figures are counted with. */
export interface Feed extends PublicFeed {
  readonly basis: IntensityBasis
  quality(status: FigureStatus): IntensityQuality
}

/** An answer that cannot be believed. It shows parsed JSON alone, without what a server echoes of our keys. */
export class FeedError extends Error {
  /** Without `received`, nothing of the answer is shown. */
  constructor(expected: string, received?: Json | Date) {
    const shown = received === undefined ? 'something else' : masked(JSON.stringify(received)).slice(0, 80)
    super(`expected ${expected}, received ${shown}`)
    this.name = 'FeedError'
  }
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export function parseJson(body: string): Json {
  try {
    return JSON.parse(body) as Json
  } catch {
    throw new FeedError('JSON')
  }
}

/** Follows keys into objects; null where there is nothing. */
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
  if (!Array.isArray(list)) throw new FeedError(keys.length === 0 ? 'a list' : `a list at ${keys.join('.')}`, list)
  return list
}

export function timeIn(value: Json, ...keys: readonly string[]): number {
  const text = dig(value, ...keys)
  const unixMs = typeof text === 'string' ? parseRfc3339Ms(text) : Number.NaN
  if (Number.isNaN(unixMs)) throw new FeedError(`a time at ${keys.join('.')}`, text)
  return unixMs
}

/** A figure in g/kWh as whole mg/kWh. */
export function intensityOf(gPerKwh: Json): bigint {
  const mgPerKwh = typeof gPerKwh === 'number' ? mgPerKwhOf(gPerKwh) : null
  if (mgPerKwh === null) throw new FeedError(`g/kWh from 0 to ${MAX_G_PER_KWH}`, gPerKwh)
  return mgPerKwh
}
