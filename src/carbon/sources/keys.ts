import { ABSOLUTE_PATH, choice, duration, type Form, requiredChoice, requiredText } from '../../schema/fields.ts'

export { ABSOLUTE_PATH, optionalText, requiredNumber, requiredText } from '../../schema/fields.ts'
export { variant } from '../../schema/variant.ts'

/* What the keys of sources are made of, and those that several have. Loaded where a configuration is read, not where it is obeyed. */

export const ZONE: Form = {
  expected: 'the name of a zone, such as DE or US-CAL-CISO,',
  pattern: /^[^\s",\p{Cc}][^",\p{Cc}]{0,62}$/u,
}

const BASES = ['life-cycle', 'direct'] as const

export const basis = choice(
  'Whether the figure includes fuel supply and construction (life-cycle) or the stack alone (direct).',
  BASES,
)
export const requiredBasis = requiredChoice(
  'Whether the figure includes fuel supply and construction (life-cycle) or the stack alone (direct).',
  BASES,
)

export const keyFile = requiredText(
  'File with the API key, which only the service should be able to read.',
  ABSOLUTE_PATH,
)
export const hold = duration(
  'Time for which the newest figure stays in force, as an estimate, while newer ones are late; after that the next source counts.',
  '0s',
  '0s',
  '7d',
)
