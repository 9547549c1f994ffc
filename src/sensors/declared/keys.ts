import * as z from 'zod'
import type { Scope } from '../../model/channel.ts'
import { type Form, optionalText, requiredChoice, requiredText } from '../../schema/fields.ts'
import { isOneOf, OF_A_SOCKET, WHOLE } from './scopes.ts'
import { UNIT_NAMES, type UnitName } from './units.ts'

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

export const DEVICE: Form = { expected: 'a name of 1 to 100 printable characters', pattern: /^[^\p{Cc}]{1,100}$/u }
/** As other sensors name it: socket-01 would be another socket. */
const SOCKET = /^socket-(?:0|[1-9]\d{0,3})(?:\/.+)?$/

/** What an entry says of a number. */
export interface Declared {
  readonly unit: UnitName
  readonly scope: Scope
  readonly device: string
  readonly hardware: string | null
}

/** Keys of an entry whose number may be of anything. */
export const declaredKeys = {
  unit: requiredChoice('W, mW and uW are power, the others energy since any time in the past.', UNIT_NAMES),
  scope: requiredChoice('The part of the machine that is measured.', SCOPES),
  device: requiredText('The name of what is measured, in metrics and in the ledger.', DEVICE),
  hardware: optionalText(
    'The place of a package, dram or module (socket-0) or of a gpu (its PCI address); null takes the device.',
    DEVICE,
  ),
}

/** A list of entries. `about` begins the sentence that says what they are, `form` says what one has. */
export function entries<S extends z.ZodRawShape>(about: string, form: string, shape: S, example: object) {
  const expected = `a list of at most 100 entries, each with ${form}`
  const entry = z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? `one of the keys ${Object.keys(shape).join(', ')}` : expected),
  })
  return z
    .array(entry, { error: expected })
    .max(100, { error: expected })
    .prefault([])
    .meta({ description: `${about} Expects ${expected}.`, examples: [[example]] })
}

type Fault = readonly [key: string, message: string]

/** Points at what is wrong with an entry beside those before it. */
export function refuse<E>(faultOf: (entry: E, before: readonly E[]) => Fault | null) {
  return (all: readonly E[], context: z.core.$RefinementCtx): void => {
    for (const [index, entry] of all.entries()) {
      const [key, message] = faultOf(entry, all.slice(0, index)) ?? []
      if (key === undefined) continue
      const input = (entry as Readonly<Record<string, unknown>>)[key]
      context.addIssue({ code: 'custom', path: [index, key], message: message ?? '', input })
    }
  }
}

/** What is wrong with what an entry says of its number. */
export function faultOf({ scope, device, hardware }: Declared, before: readonly Declared[]): Fault | null {
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
