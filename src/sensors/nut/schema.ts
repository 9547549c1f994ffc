import {
  ABSOLUTE_PATH,
  choice,
  duration,
  type Form,
  optionalText,
  requiredChoice,
  requiredText,
  section,
  text,
} from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import { addressForm } from '../declared/address.ts'
import { FINGERPRINT } from '../declared/certificate.ts'
import { DEVICE, entries, faultOf, refuse } from '../declared/keys.ts'
import type { SettingsOf } from '../sensor-type.ts'
import { PORT } from './port.ts'

const UPS: Form = { expected: 'a name as upsc -l lists it', pattern: /^[\w.-]{1,100}$/ }
/** Volt-amperes and percents are no watts. */
const WATTS: Form = {
  expected: 'a variable of watts, such as ups.realpower or outlet.1.realpower (ups.power is volt-amperes),',
  pattern: /^(?:[\w-]{1,50}\.){1,5}realpower$/,
}

const inputs = entries(
  'The power supplies and outlets.',
  'ups, scope and device, such as [{ ups: rack, scope: ac_in, device: ups }]',
  {
    server: text('Where the network UPS tools serve it (upsd).', addressForm(PORT), 'localhost'),
    tls: choice('true encrypts (STARTTLS), to a server whose certificate a known authority has signed.', [false, true]),
    ca_file: optionalText(
      'PEM file with the authorities that are trusted in place of the well-known ones.',
      ABSOLUTE_PATH,
    ),
    fingerprint: optionalText(
      "SHA-256 of the server's certificate, as wattledger doctor shows it: to one that shows another nothing is sent.",
      FINGERPRINT,
    ),
    ups: requiredText('Its name there.', UPS),
    variable: text('What is read.', WATTS, 'ups.realpower'),
    scope: requiredChoice(
      'ac_in if it feeds this machine alone; other if it feeds more, so that it is shown and does not count as the machine.',
      ['ac_in', 'psu', 'other'],
    ),
    device: requiredText('The name of what is measured, in metrics and in the ledger.', DEVICE),
  },
  { ups: 'rack', scope: 'ac_in', device: 'ups' },
).superRefine(
  refuse((entry, before) => {
    const [key] = (['ca_file', 'fingerprint'] as const).filter((key) => !entry.tls && entry[key] !== null)
    if (key !== undefined) return [key, 'none where tls is false']
    const declared = (one: typeof entry) => ({ ...one, unit: 'W', hardware: null }) as const
    return faultOf(declared(entry), before.map(declared))
  }),
)

export const nutSchema = section(
  'Uninterruptible power supplies and rack outlets behind the network UPS tools (NUT), which tell watts.',
  {
    enabled,
    interval: interval('5s', '1s', '1h'),
    deadline: duration('Time after which the agent stops waiting for an answer.', '5s', '100ms', '1m'),
    inputs,
  },
)

export type NutSettings = SettingsOf<typeof nutSchema>
export type NutInputSettings = NutSettings['inputs'][number]
