import * as z from 'zod'
import {
  ABSOLUTE_PATH,
  choice,
  duration,
  type Form,
  optionalText,
  requiredChoice,
  requiredNumber,
  requiredText,
} from '../../schema/fields.ts'
import { variant } from '../../schema/variant.ts'

/** What `carbon.location` may be: one source or several in order of preference. */

const REFERENCE: Form = { expected: 'text of 1 to 100 printable characters', pattern: /^[^\p{Cc}]{1,100}$/u }
const ZONE: Form = {
  expected: 'the name of a zone, such as DE or US-CAL-CISO,',
  pattern: /^[^\s",\p{Cc}][^",\p{Cc}]{0,62}$/u,
}

const BASES = ['life-cycle', 'direct'] as const
const basis = choice('Whether fuel supply and construction are in the figure.', BASES)

const QUERY: Form = { expected: 'a PromQL query of 1 to 1000 characters', pattern: /^[^\0]{1,1000}$/ }
const RESPONDENT: Form = { expected: "EIA's code of a balancing authority, such as CISO", pattern: /^[A-Z0-9]{2,8}$/ }
const AREA: Form = {
  expected: 'the EIC code of an area, such as 10Y1001A1001A82H',
  pattern: /^\d\d[A-Z][0-9A-Z-]{13}$/,
}
const URL: Form = { expected: 'a URL such as http://prometheus:9090', pattern: /^https?:\/\/[^\s?#]{1,1000}$/ }

const keyFile = requiredText('File with the key, readable by the service alone.', ABSOLUTE_PATH)
const hold = duration(
  'How long the newest figure holds on, as an estimate, while newer ones are late; then the next source counts.',
  '0s',
  '0s',
  '7d',
)

const SOURCES = [
  variant('static', 'The yearly average of carbon.zone.', {}),
  variant('value', 'One figure that you vouch for.', {
    g_per_kwh: requiredNumber('Grams CO₂e per kilowatt hour.', 0, 2_000),
    basis: requiredChoice('Whether fuel supply and construction are in the figure.', BASES),
    reference: requiredText('Where the figure is from. It stands beside it wherever it is shown.', REFERENCE),
  }),
  variant(
    'file',
    "A CSV file with the header zone,start,end,g_per_kwh,basis, a JSON array of objects with these keys, or a CSV file as Electricity Maps' data portal gives it; read again when it changes.",
    {
      path: requiredText('The file.', ABSOLUTE_PATH),
      zone: optionalText("The zone's name in the file; null takes carbon.zone, else the only one there is.", ZONE),
      basis,
    },
  ),
  variant('uk', "Great Britain by the half hour: NESO's Carbon Intensity API, direct.", { hold }),
  variant('electricitymaps', 'A zone of Electricity Maps by the hour.', {
    key_file: keyFile,
    zone: optionalText('The zone as Electricity Maps names it; null takes carbon.zone.', ZONE),
    basis,
    hold,
  }),
  variant('rte', "France by the quarter of an hour: RTE's eCO2mix, direct.", { hold }),
  variant('eia', 'A balancing authority of the USA by the hour, from generation by fuel and the factors of the IPCC.', {
    key_file: keyFile,
    respondent: requiredText('The balancing authority.', RESPONDENT),
    basis,
    hold,
  }),
  variant('entsoe', 'An area of ENTSO-E, from generation by type and the factors of the IPCC.', {
    key_file: keyFile,
    area: requiredText('The area.', AREA),
    basis,
    hold,
  }),
  variant('prometheus', 'A series of g/kWh on a Prometheus server.', {
    url: requiredText("The server's base URL.", URL),
    query: requiredText('A query that gives one series in g/kWh.', QUERY),
    basis: requiredChoice('Whether fuel supply and construction are in the figure.', BASES),
    key_file: optionalText('File with a bearer token; null sends none.', ABSOLUTE_PATH),
    hold,
  }),
] as const

const MARGINAL =
  'watttime is marginal, which no inventory may count with: set carbon.marginal, and it is shown as a series of its own'
const NAMES = SOURCES.map((source) => source.shape.source.value)
const EXPECTED = 'a source, such as { source: static }, or a list of 1 to 8 in order of preference'

const one = z.discriminatedUnion('source', SOURCES, {
  error: ({ input }) => {
    const name = (input as { readonly source?: unknown } | null | undefined)?.source
    const hint = name === 'watttime' ? ` (${MARGINAL})` : ''
    return typeof input === 'object' && input !== null ? `one of ${NAMES.join(', ')}${hint}` : EXPECTED
  },
})

export const intensitySources = z
  .union([one, z.array(one, { error: EXPECTED }).min(1, { error: EXPECTED }).max(8, { error: EXPECTED })], {
    error: EXPECTED,
  })
  .prefault({ source: 'static' })
  .meta({
    description: `Carbon intensity of the grid, for the location-based account. The first source that covers a time counts, and the yearly average of the zone stands behind them all. Expects ${EXPECTED}.`,
    examples: [
      { source: 'static' },
      { source: 'value', g_per_kwh: 30, basis: 'direct', reference: 'utility 2026' },
      { source: 'file', path: '/etc/wattledger/intensity.csv' },
      { source: 'uk' },
      { source: 'electricitymaps', key_file: '/etc/wattledger/electricitymaps.key', hold: '2h' },
      { source: 'rte', hold: '2h' },
      { source: 'eia', key_file: '/etc/wattledger/eia.key', respondent: 'CISO', hold: '24h' },
      { source: 'entsoe', key_file: '/etc/wattledger/entsoe.key', area: '10YFR-RTE------C' },
    ],
  })
