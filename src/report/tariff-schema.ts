import * as z from 'zod'
import { WEEKDAYS } from '../model/local-hours.ts'
import { ABSOLUTE_PATH, type Form, optionalText, requiredNumber, requiredText, text } from '../schema/fields.ts'
import { HOURS, TIME_ZONE } from '../schema/local-hours.ts'
import { variant } from '../schema/variant.ts'

/** What `report.tariff` may be. */

const CURRENCY: Form = { expected: 'a currency of three letters, such as EUR', pattern: /^[A-Z]{3}$/ }
const DAYS = `days of the week (${WEEKDAYS.join(', ')}), such as [sat, sun]`
const ENTRIES =
  'a list of 1 to 168 entries, such as { days: [mon, tue, wed, thu, fri], hours: 08:00-20:00, per_kwh: 0.31 }'
const [LEAST, MOST] = [-1_000, 1_000_000]

const currency = requiredText('Currency of the prices.', CURRENCY)

const entry = z.strictObject(
  {
    days: z
      .array(z.literal(WEEKDAYS, { error: DAYS }), { error: DAYS })
      .min(1, { error: DAYS })
      .nullable()
      .default(null)
      .meta({ description: `Days of the entry; null stands for all. Expects ${DAYS}, or null.` }),
    hours: optionalText(
      "Hours of the entry on the site's clocks, up to but not including the second; null stands for all.",
      HOURS,
    ),
    per_kwh: requiredNumber('Price of a kilowatt hour in these hours.', LEAST, MOST),
  },
  { error: ({ code }) => (code === 'unrecognized_keys' ? 'one of the keys days, hours, per_kwh' : ENTRIES) },
)

const KINDS = [
  variant('none', 'No costs.', {}),
  variant('flat', 'One price at all times.', {
    currency,
    per_kwh: requiredNumber('Price of a kilowatt hour.', LEAST, MOST),
  }),
  variant('schedule', 'Prices by day of the week and hour.', {
    currency,
    timezone: text("Time zone of the site's clocks.", TIME_ZONE, 'UTC'),
    default: requiredNumber('Price of a kilowatt hour in hours without an entry.', LEAST, MOST),
    entries: z
      .array(entry, { error: ENTRIES })
      .min(1, { error: ENTRIES })
      .max(168, { error: ENTRIES })
      .meta({ description: `Other prices, no two for the same hour of the week. Expects ${ENTRIES}.` }),
  }),
  variant('file', 'A CSV file with the header start,end,per_kwh.', {
    currency,
    path: requiredText('Path of the file.', ABSOLUTE_PATH),
  }),
] as const

const NAMES = KINDS.map((kind) => kind.shape.source.value)
const EXPECTED = `a mapping with a source: ${NAMES.join(', ')}`

export const tariff = z
  .discriminatedUnion('source', KINDS, {
    error: ({ input }) => (typeof input === 'object' && input !== null ? `one of ${NAMES.join(', ')}` : EXPECTED),
  })
  .prefault({ source: 'none' })
  .meta({
    description: `Price of the energy of the machine. Expects ${EXPECTED}.`,
    examples: [
      { source: 'flat', currency: 'EUR', per_kwh: 0.27 },
      { source: 'schedule', currency: 'EUR', default: 0.2, entries: [{ days: ['sun'], per_kwh: 0 }] },
      { source: 'file', currency: 'EUR', path: '/etc/wattledger/prices.csv' },
    ],
  })

export type TariffSettings = z.output<typeof tariff>
