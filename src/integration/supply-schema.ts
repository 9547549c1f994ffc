import * as z from 'zod'
import { optionalNumber, section } from '../schema/fields.ts'

const COUNT = 'a whole number from 1 to 16'
const RATINGS = ['bronze', 'silver', 'gold', 'platinum', 'titanium'] as const
const RATING = `${RATINGS.join(', ')} or null`
const VOLTS = '230 or 115'

export const supply = section(
  'Power supplies. Their loss is added where nothing meters the machine at its input: 80 PLUS, by load.',
  {
    rated_w: optionalNumber(
      "Watts that one supply can give; null takes the firmware's figure if it may be read, else the efficiency at usual load.",
      10,
      100_000,
    ),
    count: z
      .int({ error: COUNT })
      .min(1, { error: COUNT })
      .max(16, { error: COUNT })
      .default(2)
      .meta({ description: `How many of rated_w share the load. Expects ${COUNT}.` }),
    rating: z
      .literal([...RATINGS, null], { error: RATING })
      .default(null)
      .meta({ description: `80 PLUS level on the label; null counts as platinum, less surely. Expects ${RATING}.` }),
    volts: z
      .literal([230, 115], { error: VOLTS })
      .default(230)
      .meta({ description: `Of the certificate. Expects ${VOLTS}.` }),
  },
)
