import * as z from 'zod'
import { type Form, number, optionalText, requiredChoice, section } from '../../schema/fields.ts'
import { columnsOf, TERM_NAMES, type TermName } from './terms.ts'

const PATH: Form = { expected: 'a path', pattern: /^[^\0]{1,4096}$/ }
const QUERIES = 'a mapping of columns to queries'
const MOST_WEIGHT = 1e6

const promql = z
  .record(z.string(), z.string({ error: 'a query' }).min(1, { error: 'a query' }).max(8192, { error: 'a query' }), {
    error: QUERIES,
  })
  .nullable()
  .default(null)
  .meta({ description: 'Queries by column of numbers; labels of the results are the other columns.' })

function term(name: TermName) {
  const keys = 'one of the keys csv, promql'
  return z
    .strictObject(
      { csv: optionalText(`A file with the header ${columnsOf(name).join(',')}.`, PATH), promql },
      {
        error: ({ code }) =>
          code === 'unrecognized_keys' ? keys : `a mapping such as { csv: ${name}.csv }, or one with promql`,
      },
    )
    .nullable()
    .default(null)
}

function weights(about: string, preset: Readonly<Record<string, number>>) {
  const entries = Object.entries(preset).map(([name, weight]) => [
    name,
    number(`Weight of one ${name}.`, weight, 0, MOST_WEIGHT),
  ])
  return section(about, Object.fromEntries(entries) as Record<string, ReturnType<typeof number>>)
}

const SERVICE: Form = { expected: 'a name of 1 to 128 printable characters', pattern: /^[^\p{Cc}]{1,128}$/u }

/** A plan of an allocation. */
export const planSchema = z.strictObject(
  {
    terms: z.strictObject(
      Object.fromEntries(TERM_NAMES.map((name) => [name, term(name)])) as Record<TermName, ReturnType<typeof term>>,
      { error: 'a mapping of terms' },
    ),
    weights: section('What resources weigh against each other, by their power.', {
      // Busy power: a core draws what 20 GiB of memory, 1 TiB of SSD or 6 TiB of disks do (Schneider and Mattia 2024).
      reservation: weights('Of one of each reserved.', { gcu: 1, ram_gib: 0.05, ssd_tib: 1, hdd_tib: 0.166667 }),
      storage: weights('Of one of each used, in services of storage.', { gcu: 1, ssd_tib: 1, hdd_tib: 0.166667 }),
    }),
    services: z
      .record(
        z.string().regex(SERVICE.pattern, { error: SERVICE.expected }),
        requiredChoice('Of a shared service.', ['major', 'storage']),
        {
          error: 'a mapping of users that provide shared services to major or storage',
        },
      )
      .default({}),
  },
  { error: 'a mapping with the keys terms, weights and services' },
)

export type PlanFile = z.output<typeof planSchema>
export type TermSource = NonNullable<PlanFile['terms'][TermName]>
