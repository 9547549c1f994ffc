import type { IntensityBasis } from '../../model/carbon.ts'
import { type Fuel, mixIntensities } from '../generation-mix.ts'
import { GENERATION_MIX } from '../intensity-quality.ts'
import { parseRfc3339Ms } from '../rfc3339.ts'
import { type Feed, FeedError, intensityOf } from './feed.ts'

export interface EntsoeConfig {
  readonly source: 'entsoe'
  readonly key_file: string
  /** EIC code of a bidding zone, country or control area. */
  readonly area: string
  readonly basis: IntensityBasis
  readonly hold: number
}

const HOUR_MS = 3_600_000
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
      const slots = new Map<number, Map<string, number>>()
      const lengths = new Set<number>()
      for (const series of generationIn(body, area)) readSeries(series, slots, lengths)
      const [lengthMs = 0, ...others] = lengths
      if (others.length > 0) throw new FeedError('one resolution', [...lengths])
      return [...mixIntensities(slots, FUELS, basis)].map(([startsUnixMs, gPerKwh]) => ({
        zone: area,
        mgPerKwh: intensityOf(gPerKwh),
        status: 'provisional',
        startsUnixMs,
        endsUnixMs: startsUnixMs + lengthMs,
      }))
    },
  }
}

/** The series of what is generated; those of what pumps and batteries take name an `outBiddingZone_Domain`. */
function generationIn(body: string, area: string): string[] {
  if (!body.includes('<GL_MarketDocument')) throw new FeedError('generation', textIn(body, 'text') ?? body)
  const all = elements(body, 'TimeSeries').filter((series) => !series.includes('<outBiddingZone_Domain.mRID'))
  for (const series of all) {
    const answered = textIn(series, 'inBiddingZone_Domain.mRID')
    if (answered !== area) throw new FeedError(`area ${area}`, answered)
    const unit = textIn(series, 'quantity_Measure_Unit.name')
    if (unit !== 'MAW') throw new FeedError('MAW', unit)
  }
  return all
}

function readSeries(series: string, slots: Map<number, Map<string, number>>, lengths: Set<number>): void {
  const type = textIn(series, 'psrType')
  if (type === null) throw new FeedError('a psrType', type)
  // A03: what equals the value before it is left out.
  const isFilled = textIn(series, 'curveType') === 'A03'
  for (const period of elements(series, 'Period')) {
    const [start, end] = ['start', 'end'].map((name) => parseRfc3339Ms(textIn(period, name) ?? ''))
    const resolution = textIn(period, 'resolution') ?? ''
    const lengthMs = RESOLUTIONS[resolution]
    if (lengthMs === undefined) throw new FeedError('PT15M, PT30M or PT60M', resolution)
    const count = ((end ?? Number.NaN) - (start ?? Number.NaN)) / lengthMs
    if (!(count >= 0 && count <= 1_000)) throw new FeedError('a time interval', period.slice(0, 60))
    lengths.add(lengthMs)
    const points = new Map(elements(period, 'Point').map(pointOf))
    let megawatts: number | undefined
    for (let position = 1; position <= count; position++) {
      megawatts = points.get(position) ?? (isFilled ? megawatts : undefined)
      if (megawatts === undefined) continue
      const startsUnixMs = (start ?? 0) + (position - 1) * lengthMs
      const slot = slots.get(startsUnixMs) ?? new Map<string, number>()
      slots.set(startsUnixMs, slot.set(type, megawatts))
    }
  }
}

function pointOf(point: string): readonly [position: number, megawatts: number] {
  const [position, quantity] = [textIn(point, 'position'), textIn(point, 'quantity')]
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(quantity ?? '')
  if (!/^\d{1,4}$/.test(position ?? '') || !isNumber) throw new FeedError('a position and a quantity', point)
  return [Number(position), Number(quantity)]
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
