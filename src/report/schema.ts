import { type Form, optionalText, section } from '../schema/fields.ts'
import { tariff } from './tariff-schema.ts'

/** The keys of `report`. */

const NAME: Form = { expected: 'text of 1 to 200 printable characters', pattern: /^[^\p{Cc}]{1,200}$/u }

export const report = section('What the command report says beside the figures of the ledger.', {
  organisation: optionalText('Who reports.', NAME),
  site: optionalText('Where the machine stands.', NAME),
  tariff,
})
