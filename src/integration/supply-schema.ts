import * as z from 'zod'
import { optionalNumber, section } from '../schema/fields.ts'

const COUNT = 'a whole number from 1 to 16'
const RATINGS = ['bronze', 'silver', 'gold', 'platinum', 'titanium'] as const
const RATING = `${RATINGS.join(', ')} or null`
const VOLTS = '230 or 115'

export const supply = section(
  'Power supplies, whose loss is added by their 80 PLUS curve where nothing meters the input of the machine.',
  {
    rated_w: optionalNumber(
      "Rated output of one supply in watts; null takes the firmware's figure if it can be read, or else an efficiency of 0.92.",
      10,
      100_000,
    ),
    count: z
      .int({ error: COUNT })
      .min(1, { error: COUNT })
      .max(16, { error: COUNT })
      .default(2)
      .meta({ description: `Number of supplies that share the load. Expects ${COUNT}.` }),
    rating: z
      .literal([...RATINGS, null], { error: RATING })
      .default(null)
      .meta({
        description: `80 PLUS level on the label; null assumes platinum, with more uncertainty. Expects ${RATING}.`,
      }),
    volts: z
      .literal([230, 115], { error: VOLTS })
      .default(230)
      .meta({ description: `Input voltage that the rating was certified at. Expects ${VOLTS}.` }),
  },
)
