import * as z from 'zod'
import { EXPECTED_PUE, GREATEST_PUE, LEAST_PUE } from '../../model/pue.ts'
import { ABSOLUTE_PATH, duration, type Form, optionalText, requiredText, text } from '../../schema/fields.ts'
import { HOURS, TIME_ZONE } from '../../schema/local-hours.ts'
import { variant } from '../../schema/variant.ts'

/** What `carbon.pue` may be: a figure, or where it comes from. */

const QUERY: Form = { expected: 'a PromQL query of 1 to 1000 characters', pattern: /^[^\0]{1,1000}$/ }
const URL: Form = { expected: 'a URL such as http://prometheus:9090', pattern: /^https?:\/\/[^\s?#]{1,1000}$/ }
const MONTHS = 'months from 1 to 12, such as [6, 7, 8]'
const ENTRIES = 'a list of 1 to 288 entries, such as { months: [6, 7, 8], hours: 08:00-20:00, pue: 1.5 }'

/** Out of range or no number: one message. */
const ratio = z
  .number({ error: EXPECTED_PUE })
  .min(LEAST_PUE, { error: EXPECTED_PUE })
  .max(GREATEST_PUE, { error: EXPECTED_PUE })

const preset = ratio.meta({ description: `PUE for times without a value. Expects ${EXPECTED_PUE}.` })

const hold = (standard: string) =>
  duration(
    'Time for which the last value stays in force, as an estimate, before the default takes over.',
    standard,
    '0s',
    '7d',
  )

const entry = z.strictObject(
  {
    months: z
      .array(z.int({ error: MONTHS }).min(1, { error: MONTHS }).max(12, { error: MONTHS }), { error: MONTHS })
      .min(1, { error: MONTHS })
      .nullable()
      .default(null)
      .meta({ description: `Months of the entry; null stands for all. Expects ${MONTHS}, or null.` }),
    hours: optionalText(
      "Hours of the entry on the site's clocks, up to but not including the second; null stands for all.",
      HOURS,
    ),
    pue: ratio.meta({ description: `PUE in these hours. Expects ${EXPECTED_PUE}.` }),
  },
  { error: ({ code }) => (code === 'unrecognized_keys' ? 'one of the keys months, hours, pue' : ENTRIES) },
)

const KINDS = [
  variant('schedule', 'A table by month and hour.', {
    timezone: text("Time zone of the site's clocks.", TIME_ZONE, 'UTC'),
    default: ratio
      .nullable()
      .default(null)
      .meta({
        description: `PUE for hours without an entry; null refuses a table with such hours. Expects ${EXPECTED_PUE}, or null.`,
      }),
    entries: z
      .array(entry, { error: ENTRIES })
      .min(1, { error: ENTRIES })
      .max(288, { error: ENTRIES })
      .meta({
        description: `Entries of the table, no two of which may cover the same hour; hours without an entry get the default. Expects ${ENTRIES}.`,
      }),
  }),
  variant('file', 'A CSV file with the header start,end,pue, read again when it changes.', {
    path: requiredText('Path of the file.', ABSOLUTE_PATH),
    default: preset,
    hold: hold('0s'),
  }),
  variant('prometheus', 'A series on a Prometheus server.', {
    url: requiredText('Base URL of the Prometheus server.', URL),
    query: requiredText('Query that returns exactly one series.', QUERY),
    key_file: optionalText('File with a bearer token; null sends none.', ABSOLUTE_PATH),
    default: preset,
    // A sample holds for a minute and is asked for every half minute: the hold must bridge a late scrape.
    hold: hold('5m'),
  }),
] as const

const NAMES = KINDS.map((kind) => kind.shape.source.value)
const EXPECTED = `${EXPECTED_PUE}, or a mapping with a source: ${NAMES.join(', ')}`

const kind = z.discriminatedUnion('source', KINDS, {
  error: ({ input }) => (typeof input === 'object' && input !== null ? `one of ${NAMES.join(', ')}` : EXPECTED),
})

export const pue = z
  .union([ratio, kind], { error: ({ input }) => (typeof input === 'number' ? EXPECTED_PUE : EXPECTED) })
  .prefault(1)
  .meta({
    description: `Power usage effectiveness (PUE) of the site, by which the machine's energy is multiplied for its emissions. Expects ${EXPECTED}.`,
    examples: [
      1.41,
      { source: 'schedule', default: 1.3, entries: [{ hours: '08:00-20:00', pue: 1.5 }] },
      { source: 'file', path: '/etc/wattledger/pue.csv', default: 1.4 },
      { source: 'prometheus', url: 'http://prometheus:9090', query: 'site_pue', default: 1.4 },
    ],
  })
