import * as z from 'zod'
import { type Form, number, optionalNumber, optionalText } from '../../schema/fields.ts'

/** What `carbon.embodied` may be. */

const SOURCE: Form = { expected: 'text of 1 to 100 printable characters', pattern: /^[^\p{Cc}]{1,100}$/u }

const DATE = 'a day such as 2024-03-01, from 2000 on, or null'

const commissioned = z
  .string({ error: DATE })
  .refine(isDay, { error: DATE })
  .nullable()
  .default(null)
  .meta({
    description: `Day on which the machine went into service; null starts when the ledger does. Expects ${DATE}.`,
  })

const EXPECTED = 'auto, none or a mapping'

const STAGES = 'a mapping with any of manufacturing_kg, transport_kg, use_kg and end_of_life_kg, or null'
const stage = (about: string) => optionalNumber(`${about}, in kg CO₂e; null where the study does not tell.`, 0, 1e6)

const stages = z
  .strictObject(
    {
      manufacturing_kg: stage('Raw material and manufacturing: what is counted'),
      transport_kg: stage('Transport to the site'),
      use_kg: stage('Use, which is never counted, since it is measured'),
      end_of_life_kg: stage('End of life'),
    },
    { error: STAGES },
  )
  .nullable()
  .default(null)
  .meta({
    description: `The vendor's study by stage of life; null takes the making alone, and what is usual for the others. Expects ${STAGES}.`,
  })

const keys = {
  total_kg: optionalNumber(
    "Vendor's figure for making the machine, in kg CO₂e; null takes that of stages, or estimates it from the inventory.",
    0,
    1e6,
  ),
  source: optionalText('Source of total_kg and stages.', SOURCE),
  lifetime_years: number('Years over which the carbon is written off.', 4, 1, 30),
  commissioned,
  remaining_kg: optionalNumber(
    'Carbon in kg CO₂e that a refurbished machine still had to write off on that day; null stands for all of it.',
    0,
    1e6,
  ),
  stages,
}
const KEYS = `one of the keys ${Object.keys(keys).join(', ')}`
const known = z.strictObject(keys, { error: ({ code }) => (code === 'unrecognized_keys' ? KEYS : EXPECTED) })

export const embodied = z
  .union([z.literal('auto', { error: EXPECTED }), z.literal('none', { error: EXPECTED }), known], { error: EXPECTED })
  .default('auto')
  .meta({
    description: `Embodied carbon: the making of the machine. auto estimates it from an inventory of the parts and writes it off over 4 years (a virtual machine has none); none counts nothing; in a mapping, total_kg replaces the inventory. Expects ${EXPECTED}.`,
    examples: [
      'none',
      { total_kg: 1313, source: 'PCF', lifetime_years: 5, commissioned: '2024-03-01' },
      { source: 'PCF', stages: { manufacturing_kg: 1313, transport_kg: 34, end_of_life_kg: 17 } },
      { remaining_kg: 450, lifetime_years: 3, commissioned: '2026-01-15' },
    ],
  })

function isDay(text: string): boolean {
  if (!/^20\d{2}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
