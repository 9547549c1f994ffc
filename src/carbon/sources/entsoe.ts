import { floorTo, HOUR_MS } from '../../model/time.ts'
import type { Form } from '../../schema/fields.ts'
import { type Block, generationBlocks } from '../feeds/entsoe-document.ts'
import { type Feed, intensityOf } from '../feeds/feed.ts'
import { type Fuel, mixIntensities } from '../feeds/generation-mix.ts'
import { GENERATION_MIX } from '../intensity/intensity-quality.ts'
import type { ConfigOf, Keys, SourceType } from './source-type.ts'

const AREA: Form = {
  expected: 'the EIC code of an area, such as 10Y1001A1001A82H',
  pattern: /^\d\d[A-Z][0-9A-Z-]{13}$/,
}

/** `area` is the code of a bidding zone, a country or a control area. */
const schema = ({ variant, requiredText, basis, hold, keyFile }: Keys) =>
  variant(
    'entsoe',
    "An area of Europe by the quarter hour or hour, from ENTSO-E's generation by type and the factors of the IPCC.",
    {
      key_file: keyFile,
      area: requiredText('Area whose generation counts.', AREA),
      basis,
      hold,
    },
  )

export type EntsoeConfig = ConfigOf<typeof schema>

export const entsoeSource: SourceType<typeof schema> = {
  name: 'entsoe',
  schema,
  example: { source: 'entsoe', key_file: '/etc/wattledger/entsoe.key', area: '10YFR-RTE------C' },
  create: (config, { live }) => live(entsoeFeed(config), config.hold),
}

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
      const blocks = generationBlocks(body, area)
      const grains = grainsOf(blocks)
      const slots = new Map<number, Map<string, number>>()
      // Finer blocks last: they win over coarser ones of the same time.
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

/** The finest resolution of each hour: a figure by the hour holds for each of its quarters. */
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

/** `202601311200` */
function hourOf(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 13).replace(/\D/g, '')}00`
}
