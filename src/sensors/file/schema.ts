import * as z from 'zod'
import type { Scope } from '../../model/channel.ts'
import {
  ABSOLUTE_PATH,
  duration,
  type Form,
  optionalText,
  requiredChoice,
  requiredText,
  section,
} from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import type { SettingsOf } from '../sensor-type.ts'
import { isOneOf, OF_A_SOCKET, WHOLE } from './scopes.ts'
import { UNIT_NAMES } from './units.ts'

const SCOPES = [
  ...WHOLE,
  'package',
  'dram',
  'gpu',
  'module',
  'core',
  'uncore',
  'fan',
  'other',
] as const satisfies readonly Scope[]

const DEVICE: Form = { expected: 'a name of 1 to 100 printable characters', pattern: /^[^\p{Cc}]{1,100}$/u }
const SOCKET = /^socket-\d{1,4}(?:\/.+)?$/
const ENTRIES =
  'a list of at most 100 entries, each with path, unit, scope and device, such as [{ path: /run/plug/watts, unit: W, scope: ac_in, device: plug }]'
const EXAMPLE = [{ path: '/run/plug/watts', unit: 'W', scope: 'ac_in', device: 'plug' }]

const shape = {
  path: requiredText(
    'The file, in memory or on a disk of this machine. The service sees nothing of /home and /tmp.',
    ABSOLUTE_PATH,
  ),
  unit: requiredChoice('W, mW and uW are power, the others energy since any time in the past.', UNIT_NAMES),
  scope: requiredChoice('The part of the machine that is measured.', SCOPES),
  device: requiredText('The name of what is measured, in metrics and in the ledger.', DEVICE),
  max_age: duration('How long a number holds from when the file was written.', '30s', '1s', '1d'),
  hardware: optionalText(
    'The place of a package, dram or module (socket-0) or of a gpu (its PCI address); null takes the device.',
    DEVICE,
  ),
}

const input = z.strictObject(shape, {
  error: ({ code }) => (code === 'unrecognized_keys' ? `one of the keys ${Object.keys(shape).join(', ')}` : ENTRIES),
})

type Input = z.output<typeof input>

/** What is wrong with an entry beside those before it: the key and what it ought to be. */
function faultOf({ scope, device, hardware }: Input, before: readonly Input[]): readonly [keyof Input, string] | null {
  const alike = before.filter((other) => other.scope === scope)
  if (alike.some((other) => other.device === device)) return ['device', `a device that no other ${scope} has`]
  // Of all meters of the whole machine its power supplies alone are many.
  if (alike.length > 0 && scope !== 'psu' && isOneOf(WHOLE, scope))
    return ['scope', `one ${scope} at most: inputs that add up are psu`]
  if (!isOneOf(OF_A_SOCKET, scope) || SOCKET.test(hardware ?? device)) return null
  return [
    hardware === null ? 'device' : 'hardware',
    `a ${scope} named by its socket, such as socket-0, here or in hardware`,
  ]
}

const inputs = z
  .array(input, { error: ENTRIES })
  .max(100, { error: ENTRIES })
  .superRefine((entries, context) => {
    for (const [index, entry] of entries.entries()) {
      const [key, message] = faultOf(entry, entries.slice(0, index)) ?? []
      if (key) context.addIssue({ code: 'custom', path: [index, key], message, input: entry[key] })
    }
  })
  .prefault([])
  .meta({ description: `The files. Expects ${ENTRIES}.`, examples: [EXAMPLE] })

export const fileSchema = section(
  'Files that other programs write: a number on the first line, renamed into place. One that is not written for its max_age does not count.',
  {
    enabled,
    // Read when the sensors are drained, which is once a second.
    interval: interval('1s', '1s', '1h'),
    inputs,
  },
)

export type FileSettings = SettingsOf<typeof fileSchema>
export type FileInputSettings = FileSettings['inputs'][number]
