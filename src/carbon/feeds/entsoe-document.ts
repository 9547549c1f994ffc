import { AnswerError } from '../../io/answer.ts'
import { parseRfc3339Ms } from '../../io/rfc3339.ts'
import { HOUR_MS } from '../../model/time.ts'

/** Mean power of one type of generation over one interval. */
export interface Block {
  readonly type: string
  readonly startsUnixMs: number
  readonly lengthMs: number
  readonly megawatts: number
}

/** Generation in an area by type and interval. Throws an AnswerError for a document that is not as documented. */
export function generationBlocks(body: string, area: string): Block[] {
  return generationIn(body, area).flatMap(blocksOf)
}

/** A reason in place of a document. */
const NO_DATA = '999'
const RESOLUTIONS: Readonly<Record<string, number>> = { PT15M: HOUR_MS / 4, PT30M: HOUR_MS / 2, PT60M: HOUR_MS }

/** The series of generation. Those of pumps and batteries that consume name an `outBiddingZone_Domain`. */
function generationIn(body: string, area: string): string[] {
  if (!body.includes('<GL_MarketDocument')) {
    throw new AnswerError('generation', textIn(body, 'code') === NO_DATA ? 'no data' : undefined)
  }
  const all = elements(body, 'TimeSeries').filter((series) => !series.includes('<outBiddingZone_Domain.mRID'))
  for (const series of all) {
    if (textIn(series, 'inBiddingZone_Domain.mRID') !== area) throw new AnswerError(`area ${area}`)
    if (textIn(series, 'quantity_Measure_Unit.name') !== 'MAW') throw new AnswerError('the unit MAW')
  }
  return all
}

/** Every series has its own type of curve, and every period its own resolution. */
function blocksOf(series: string): Block[] {
  const type = textIn(series, 'psrType')
  if (type === null) throw new AnswerError('a psrType')
  // A03: a point that equals the one before it is left out.
  const isFilled = textIn(series, 'curveType') === 'A03'
  return elements(series, 'Period').flatMap((period) => {
    const [start = Number.NaN, end = Number.NaN] = ['start', 'end'].map((name) =>
      parseRfc3339Ms(textIn(period, name) ?? ''),
    )
    const lengthMs = RESOLUTIONS[textIn(period, 'resolution') ?? '']
    if (lengthMs === undefined) throw new AnswerError('PT15M, PT30M or PT60M')
    const count = (end - start) / lengthMs
    if (!(count >= 0 && count <= 1_000) || start % lengthMs !== 0) throw new AnswerError('a time interval')
    const points = new Map(elements(period, 'Point').map(pointOf))
    const blocks: Block[] = []
    let megawatts: number | null = null
    for (let position = 1; position <= count; position++) {
      megawatts = points.get(position) ?? (isFilled && !points.has(position) ? megawatts : null)
      if (megawatts === null) continue
      blocks.push({ type, startsUnixMs: start + (position - 1) * lengthMs, lengthMs, megawatts })
    }
    return blocks
  })
}

/** A point without a quantity stays unknown, even on a curve that leaves equal points out. */
function pointOf(point: string): readonly [position: number, megawatts: number | null] {
  const [position, quantity] = [textIn(point, 'position') ?? '', textIn(point, 'quantity') ?? '']
  if (!/^\d{1,4}$/.test(position) || !/^(?:-?\d+(?:\.\d+)?)?$/.test(quantity)) {
    throw new AnswerError('a position and a quantity')
  }
  return [Number(position), quantity === '' ? null : Number(quantity)]
}

/** Contents of the elements of a name. Enough for these documents: no element nests in one of its own name. */
function elements(xml: string, name: string): string[] {
  return xml
    .split(`<${name}>`)
    .slice(1)
    .map((rest) => rest.split(`</${name}>`, 1)[0] ?? '')
}

/** The text of the first element of a name, attributes or not. */
function textIn(xml: string, name: string): string | null {
  return new RegExp(`<${name.replaceAll('.', '\\.')}(?: [^>]*)?>([^<]*)<`).exec(xml)?.[1]?.trim() ?? null
}
