import { AnswerError } from '../../io/answer.ts'
import { parseRfc3339Ms } from '../../io/rfc3339.ts'
import type { IntensityBasis } from '../../model/carbon.ts'
import { floorTo, HOUR_MS } from '../../model/time.ts'
import { type Feed, intensityOf } from './feed.ts'
import { type Fuel, mixIntensities } from './generation-mix.ts'
import { GENERATION_MIX } from './intensity-quality.ts'

export interface EntsoeConfig {
  readonly source: 'entsoe'
  readonly key_file: string
  /** EIC code of a bidding zone, country or control area. */
  readonly area: string
  readonly basis: IntensityBasis
  readonly hold: number
}

/** A reason in place of a document. */
const NO_DATA = '999'
const RESOLUTIONS: Readonly<Record<string, number>> = { PT15M: HOUR_MS / 4, PT30M: HOUR_MS / 2, PT60M: HOUR_MS }

/** Lignite, gas from coal, oil shale and peat have no median of their own: coal is the nearest. */
const FUELS: Readonly<Record<string, Fuel>> = {
  B01: 'biomass',
  B02: 'coal',
  B03: 'coal',
  B04: 'gas',
  B05: 'coal',
  B06: 'oil',
  B07: 'coal',
  B08: 'coal',
  B09: 'geothermal',
  B10: 'storage',
  B11: 'hydro',
  B12: 'hydro',
  B13: 'marine',
  B14: 'nuclear',
  B16: 'solar',
  B18: 'wind-offshore',
  B19: 'wind-onshore',
  B25: 'storage',
}

/**
 * An area of the European grid, an hour or more late: actual generation per type (A75, realised) of the Transparency
 * Platform, https://transparencyplatform.zendesk.com, article 16.1.B&C. The token can only be sent in the query.
 */
export function entsoeFeed({ key_file, area, basis }: EntsoeConfig, baseUrl = 'https://web-api.tp.entsoe.eu'): Feed {
  return {
    name: 'entsoe',
    basis,
    cacheKey: `entsoe:${area}:${basis}`,
    everyMs: 15 * 60_000,
    backMs: 48 * HOUR_MS,
    aheadMs: HOUR_MS,
    keyFile: key_file,
    quality: () => GENERATION_MIX,
    request: ({ fromUnixMs, toUnixMs }, key) => {
      const url = new URL(`${baseUrl}/api`)
      url.searchParams.set('securityToken', key)
      url.searchParams.set('documentType', 'A75')
      url.searchParams.set('processType', 'A16')
      url.searchParams.set('in_Domain', area)
      url.searchParams.set('periodStart', hourOf(fromUnixMs))
      url.searchParams.set('periodEnd', hourOf(toUnixMs))
      return { url, headers: { accept: 'application/xml' } }
    },
    parse: (body) => {
      const blocks = generationIn(body, area).flatMap(blocksOf)
      const grains = grainsOf(blocks)
      const slots = new Map<number, Map<string, number>>()
      // The finer ones last: they hold where both state something.
      for (const block of blocks.toSorted((a, b) => b.lengthMs - a.lengthMs)) spread(block, grains, slots)
      return [...mixIntensities(slots, FUELS, basis)].map(([startsUnixMs, gPerKwh]) => ({
        zone: area,
        mgPerKwh: intensityOf(gPerKwh),
        status: 'provisional',
        startsUnixMs,
        endsUnixMs: startsUnixMs + grainAt(startsUnixMs, grains),
      }))
    },
  }
}

/** Mean power of one type of generation over one interval. */
interface Block {
  readonly type: string
  readonly startsUnixMs: number
  readonly lengthMs: number
  readonly megawatts: number
}

/** The series of what is generated; those of what pumps and batteries take name an `outBiddingZone_Domain`. */
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

/** Each series has a resolution and a type of curve of its own, and each period of it too. */
function blocksOf(series: string): Block[] {
  const type = textIn(series, 'psrType')
  if (type === null) throw new AnswerError('a psrType')
  // A03: what equals the value before it is left out.
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

/** The finest resolution of each hour: what is stated by the hour holds for each quarter of it. */
function grainsOf(blocks: readonly Block[]): ReadonlyMap<number, number> {
  const grains = new Map<number, number>()
  for (const { startsUnixMs, lengthMs } of blocks) {
    const hour = floorTo(HOUR_MS, startsUnixMs)
    grains.set(hour, Math.min(lengthMs, grains.get(hour) ?? lengthMs))
  }
  return grains
}

function grainAt(unixMs: number, grains: ReadonlyMap<number, number>): number {
  return grains.get(floorTo(HOUR_MS, unixMs)) ?? HOUR_MS
}

function spread(block: Block, grains: ReadonlyMap<number, number>, slots: Map<number, Map<string, number>>): void {
  const { type, startsUnixMs, lengthMs, megawatts } = block
  for (let at = startsUnixMs; at < startsUnixMs + lengthMs; at += grainAt(startsUnixMs, grains)) {
    const slot = slots.get(at) ?? new Map<string, number>()
    slots.set(at, slot.set(type, megawatts))
  }
}

/** A point without a quantity has none, whatever the curve. */
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

/** `202601311200` */
function hourOf(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 13).replace(/\D/g, '')}00`
}
