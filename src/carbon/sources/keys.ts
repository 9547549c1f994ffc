import { ABSOLUTE_PATH, choice, duration, type Form, requiredChoice, requiredText } from '../../schema/fields.ts'

/* Keys that several sources have. */

const BASES = ['life-cycle', 'direct'] as const

export const basis = choice('Whether fuel supply and construction are in the figure.', BASES)
export const requiredBasis = requiredChoice('Whether fuel supply and construction are in the figure.', BASES)

export const ZONE: Form = {
  expected: 'the name of a zone, such as DE or US-CAL-CISO,',
  pattern: /^[^\s",\p{Cc}][^",\p{Cc}]{0,62}$/u,
}

export const keyFile = requiredText('File with the key, readable by the service alone.', ABSOLUTE_PATH)
export const hold = duration(
  'How long the newest figure holds on, as an estimate, while newer ones are late; then the next source counts.',
  '0s',
  '0s',
  '7d',
)
