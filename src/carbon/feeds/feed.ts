import { AnswerError, dig, type Json } from '../../io/answer.ts'
import type { HttpRequest } from '../../io/http.ts'
import { parseRfc3339Ms } from '../../io/rfc3339.ts'
import type { FigureStatus, IntensityBasis, StatedBasis } from '../../model/carbon.ts'
import type { FetchedFigure } from '../../model/fetched-figure.ts'
import type { IntensityQuality } from '../intensity/intensity-quality.ts'
import { MAX_G_PER_KWH, mgPerKwhOf } from '../intensity/source.ts'
import type { Window } from '../time/window.ts'

/** One intensity in an answer. */
export type FeedFigure = Omit<FetchedFigure, 'basis' | 'fetchedUnixMs'>

/** How one public interface is asked and understood. Pure: no network, no clock. */
export interface PublicFeed {
  readonly name: string
  readonly basis: StatedBasis
  /** Names the question, basis included: two feeds with one key would get the same answer. It holds no secret. */
  readonly cacheKey: string
  /** Time between two looks. */
  readonly everyMs: number
  /** How far back and ahead a look asks. The source never revises a figure that ended before `backMs`. */
  readonly backMs: number
  readonly aheadMs: number
  /** Null: no key is needed. */
  readonly keyFile: string | null
  request(window: Window, key: string): HttpRequest
  /** Throws an AnswerError if anything is not as documented: an answer is taken as a whole or not at all. */
  parse(body: string, window: Window): readonly FeedFigure[]
}

/** A feed whose figures are counted with. */
export interface Feed extends PublicFeed {
  readonly basis: IntensityBasis
  quality(status: FigureStatus): IntensityQuality
}

export function timeIn(value: Json, ...keys: readonly string[]): number {
  const text = dig(value, ...keys)
  const unixMs = typeof text === 'string' ? parseRfc3339Ms(text) : Number.NaN
  if (Number.isNaN(unixMs)) throw new AnswerError(`a time at ${keys.join('.')}`, text)
  return unixMs
}

/** A figure in g/kWh as whole mg/kWh. */
export function intensityOf(gPerKwh: Json): bigint {
  const mgPerKwh = typeof gPerKwh === 'number' ? mgPerKwhOf(gPerKwh) : null
  if (mgPerKwh === null) throw new AnswerError(`g/kWh from 0 to ${MAX_G_PER_KWH}`, gPerKwh)
  return mgPerKwh
}
