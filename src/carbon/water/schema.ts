import * as z from 'zod'
import { type Form, optionalNumber, requiredNumber, requiredText } from '../../schema/fields.ts'

/** What `carbon.water` may be. */

const REFERENCE: Form = { expected: 'text of 1 to 100 printable characters', pattern: /^[^\p{Cc}]{1,100}$/u }

const GRID = 'auto, none or { l_per_kwh, reference }'

const figure = z.strictObject(
  {
    l_per_kwh: requiredNumber('Litres consumed for each kilowatt hour.', 0, 100),
    reference: requiredText('Source of the figure, shown wherever the figure is.', REFERENCE),
  },
  { error: GRID },
)

export const water = {
  wue: optionalNumber(
    "Water usage effectiveness (WUE) of the site, in litres per kWh of the IT equipment (ISO/IEC 30134-9); null leaves the site's water unknown.",
    0,
    100,
  ),
  grid: z
    .union([z.literal('auto', { error: GRID }), z.literal('none', { error: GRID }), figure], { error: GRID })
    .default('auto')
    .meta({
      description: `Water consumed where the electricity is generated. auto takes the average of carbon.zone, where one is known. Expects ${GRID}.`,
      examples: ['none', { l_per_kwh: 1.2, reference: 'utility 2026' }],
    }),
}
