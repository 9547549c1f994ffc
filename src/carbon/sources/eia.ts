import { AnswerError, dig, type Json, listIn, parseJson } from '../../io/answer.ts'
import { parseRfc3339Ms } from '../../io/rfc3339.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Form } from '../../schema/fields.ts'
import { type Feed, intensityOf } from '../feeds/feed.ts'
import { type Fuel, mixIntensities } from '../feeds/generation-mix.ts'
import { GENERATION_MIX } from '../intensity/intensity-quality.ts'
import type { ConfigOf, Keys, SourceType } from './source-type.ts'

const RESPONDENT: Form = { expected: "EIA's code of a balancing authority, such as CISO", pattern: /^[A-Z0-9]{2,8}$/ }

const schema = ({ variant, requiredText, basis, hold, keyFile }: Keys) =>
  variant(
    'eia',
    "A balancing authority of the USA by the hour, from EIA's generation by fuel and the factors of the IPCC.",
    {
      key_file: keyFile,
      respondent: requiredText('Balancing authority whose generation counts.', RESPONDENT),
      basis,
      hold,
    },
  )

export type EiaConfig = ConfigOf<typeof schema>

export const eiaSource: SourceType<typeof schema> = {
  name: 'eia',
  schema,
  example: { source: 'eia', key_file: '/etc/wattledger/eia.key', respondent: 'CISO', hold: '24h' },
  create: (config, { live }) => live(eiaFeed(config), config.hold),
}

const FUELS: Readonly<Record<string, Fuel>> = {
  COL: 'coal',
  NG: 'gas',
  OIL: 'oil',
  SUN: 'solar',
  SNB: 'solar',
  GEO: 'geothermal',
  WAT: 'hydro',
  NUC: 'nuclear',
  WND: 'wind-onshore',
  WNB: 'wind-onshore',
  BAT: 'storage',
  PS: 'storage',
  UES: 'storage',
}

/**
 * A balancing authority of the USA by the hour, some hours late: generation by fuel of Form EIA-930 (public domain).
 * https://www.eia.gov/opendata/browser/electricity/rto/fuel-type-data. A period is named by the end of its hour in UTC.
 */
export function eiaFeed({ key_file, respondent, basis }: EiaConfig, baseUrl = 'https://api.eia.gov'): Feed {
  return {
    name: 'eia',
    basis,
    cacheKey: `eia:${respondent}:${basis}`,
    everyMs: 20 * 60_000,
    backMs: 72 * HOUR_MS,
    aheadMs: 0,
    keyFile: key_file,
    quality: () => GENERATION_MIX,
    request: ({ fromUnixMs, toUnixMs }, key) => {
      const url = new URL(`${baseUrl}/v2/electricity/rto/fuel-type-data/data/`)
      url.searchParams.set('frequency', 'hourly')
      url.searchParams.set('data[0]', 'value')
      url.searchParams.set('facets[respondent][]', respondent)
      url.searchParams.set('start', hourOf(fromUnixMs))
      url.searchParams.set('end', hourOf(toUnixMs))
      url.searchParams.set('length', '5000')
      return { url, headers: { accept: 'application/json', 'x-api-key': key } }
    },
    parse: (body) => {
      const hours = new Map<number, Map<string, number>>()
      for (const row of listIn(parseJson(body), 'response', 'data')) {
        const [endsUnixMs, fuel, megawattHours] = cellsOf(row, respondent)
        if (megawattHours === null) continue
        const hour = hours.get(endsUnixMs) ?? new Map<string, number>()
        hours.set(endsUnixMs, hour.set(fuel, megawattHours))
      }
      return [...mixIntensities(hours, FUELS, basis)].map(([endsUnixMs, gPerKwh]) => ({
        zone: respondent,
        mgPerKwh: intensityOf(gPerKwh),
        status: 'provisional',
        startsUnixMs: endsUnixMs - HOUR_MS,
        endsUnixMs,
      }))
    },
  }
}

function cellsOf(
  row: Json,
  respondent: string,
): readonly [endsUnixMs: number, fuel: string, megawattHours: number | null] {
  const [period, fuel, answered, unit] = ['period', 'fueltype', 'respondent', 'value-units'].map((key) => dig(row, key))
  if (answered !== respondent) throw new AnswerError(`respondent ${respondent}`, answered ?? null)
  if (unit !== 'megawatthours') throw new AnswerError('megawatthours', unit ?? null)
  const isHour = typeof period === 'string' && /^\d{4}-\d\d-\d\dT([01]\d|2[0-3])$/.test(period)
  const endsUnixMs = isHour ? parseRfc3339Ms(`${period}:00:00Z`) : Number.NaN
  if (Number.isNaN(endsUnixMs)) throw new AnswerError('an hour as period', period ?? null)
  if (typeof fuel !== 'string') throw new AnswerError('a fueltype', fuel ?? null)
  const value = dig(row, 'value')
  const megawattHours = value === null || value === '' ? null : Number(value)
  if (Number.isNaN(megawattHours)) throw new AnswerError('a number as value', value)
  return [endsUnixMs, fuel, megawattHours]
}

/** `2026-01-31T12` */
function hourOf(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 13)
}
