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

const basis = requiredChoice('Whether fuel supply and construction are in the figure.', ['direct', 'life-cycle'])
const rate = requiredNumber('Grams CO₂e per kilowatt hour.', 0, 2_000)

const CONTRACT = 'a contract with name, instrument, g_per_kwh, basis, from and to'

const contract = z.strictObject(
  {
    name: requiredText('How it is called in figures.', NAME),
    instrument: requiredChoice(
      'eac is a certificate (GO, REC), ppa a purchase agreement, supplier the rate of a supplier.',
      ['eac', 'ppa', 'supplier'],
    ),
    share: fraction("Part of the site's electricity that it covers.", 1),
    kwh: optionalNumber('Kilowatt hours that it delivers in all; null for as much as its share.', 0, MOST_KWH),
    g_per_kwh: rate,
    basis,
    from: requiredText('Its first moment; a day begins at 00:00 UTC.', DAY),
    to: requiredText('The moment after its last.', DAY),
  },
  { error: CONTRACT },
)

const RESIDUAL = 'a mapping with g_per_kwh, basis and reference, or null'
const residual = z
  .strictObject(
    { g_per_kwh: rate, basis, reference: requiredText('Where the figure is from.', NAME) },
    { error: RESIDUAL },
  )
  .nullable()
  .default(null)
  .meta({ description: `The mix that is left when all claims are taken out. Expects ${RESIDUAL}.` })

const VARIANTS = [
  variant('none', 'No market-based account.', {}),
  variant('contracts', 'By contract; what no contract claims is at the residual mix, else at carbon.location.', {
    contracts: z
      .array(contract, { error: `a list of contracts, each ${CONTRACT}` })
      .max(32, { error: 'a list of at most 32 contracts' })
      .default([])
      .meta({ description: `Contracts. Expects a list of contracts, each ${CONTRACT}.` }),
    residual,
  }),
] as const

const EXPECTED = '{ source: none }, or { source: contracts } with contracts and residual'

export const market = z
  .discriminatedUnion('source', VARIANTS, { error: EXPECTED })
  .prefault({ source: 'none' })
  .meta({
    description: `Carbon intensity by contract, for the market-based account beside the location-based one. Certificates claim first, then purchase agreements, then suppliers; each kilowatt hour is claimed once. Expects ${EXPECTED}.`,
    examples: [
      { source: 'none' },
      {
        source: 'contracts',
        residual: { g_per_kwh: 720, basis: 'direct', reference: 'AIB 2024' },
      },
    ],
  })
