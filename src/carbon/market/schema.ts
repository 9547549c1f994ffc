import * as z from 'zod'
import {
  type Form,
  fraction,
  optionalNumber,
  requiredChoice,
  requiredNumber,
  requiredText,
} from '../../schema/fields.ts'
import { variant } from '../../schema/variant.ts'

/** What `carbon.market` may be. */

const NAME: Form = { expected: 'text of 1 to 100 printable characters', pattern: /^[^\p{Cc}]{1,100}$/u }
const DAY: Form = {
  expected: 'a day or an RFC 3339 time, such as 2026-01-01 or 2026-01-01T00:00:00+01:00',
  pattern: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/,
}
const MOST_KWH = 1e9

const basis = requiredChoice(
  'Whether the figure includes fuel supply and construction (life-cycle) or the stack alone (direct).',
  ['direct', 'life-cycle'],
)
const rate = requiredNumber('Emission factor, in grams of CO₂e per kilowatt hour.', 0, 2_000)

const KEYS = 'name, instrument, g_per_kwh, basis, from and to'
const CONTRACT = `a contract with ${KEYS}`
const CONTRACTS = `a list of contracts with ${KEYS}`

const contract = z.strictObject(
  {
    name: requiredText('Name under which the contract is reported.', NAME),
    instrument: requiredChoice(
      'Kind of contract: eac is a certificate (GO, REC), ppa a power purchase agreement, supplier the rate of an electricity supplier.',
      ['eac', 'ppa', 'supplier'],
    ),
    share: fraction("Share of the site's electricity that the contract covers.", 1),
    kwh: optionalNumber(
      'Kilowatt hours that the contract delivers in total; null sets no limit besides its share.',
      0,
      MOST_KWH,
    ),
    g_per_kwh: rate,
    basis,
    from: requiredText('Start of the contract; a day begins at 00:00 UTC.', DAY),
    to: requiredText('End of the contract: the first moment that it no longer covers.', DAY),
  },
  { error: CONTRACT },
)

const RESIDUAL = 'a mapping with g_per_kwh, basis and reference, or with figure, or null'
const stated = z.strictObject(
  { g_per_kwh: rate, basis, reference: requiredText('Source of the figure.', NAME) },
  { error: RESIDUAL },
)
const official = z.strictObject(
  { figure: requiredText("An authority's residual mix, such as nga-residual/AU.", NAME) },
  { error: RESIDUAL },
)
const residual = z
  .union([stated, official], { error: RESIDUAL })
  .nullable()
  .default(null)
  .meta({
    description: `Residual mix: what is left of the grid once all claims are taken out; null takes the intensity of carbon.location. Expects ${RESIDUAL}.`,
  })

const VARIANTS = [
  variant('none', 'No market-based account.', {}),
  variant(
    'contracts',
    'By contract. Energy that no contract claims gets the residual mix, or else the intensity of carbon.location.',
    {
      contracts: z
        .array(contract, { error: CONTRACTS })
        .max(32, { error: 'a list of at most 32 contracts' })
        .default([])
        .meta({ description: `Contracts of the site. Expects ${CONTRACTS}.` }),
      residual,
    },
  ),
] as const

const EXPECTED = '{ source: none }, or { source: contracts } with contracts and residual'

export const market = z
  .discriminatedUnion('source', VARIANTS, { error: EXPECTED })
  .prefault({ source: 'none' })
  .meta({
    description: `Market-based account, beside the location-based one. Certificates claim energy first, then purchase agreements, then suppliers; each kilowatt hour is claimed once. Expects ${EXPECTED}.`,
    examples: [
      { source: 'none' },
      {
        source: 'contracts',
        residual: { g_per_kwh: 720, basis: 'direct', reference: 'AIB 2024' },
      },
    ],
  })
