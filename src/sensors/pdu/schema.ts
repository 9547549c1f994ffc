import * as z from 'zod'
import { ABSOLUTE_PATH, choice, duration, optionalText, requiredText, section } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import { addressForm } from '../declared/address.ts'
import { DEVICE, entries, refuse } from '../declared/keys.ts'
import type { SettingsOf } from '../sensor-type.ts'
import { PORT } from './port.ts'
import { isNamedAs, PROFILE_NAMES, PROFILES, type ProfileName } from './profiles.ts'

const OUTLETS = 'a list of 1 to 24 outlets, such as ["12"]'
const OUTLET = /^\d{1,9}(?:\.\d{1,9}){0,2}$/
const namings = PROFILE_NAMES.map((name) => `${name} ${PROFILES[name].numbers.join('.')}`).join(', ')

const shape = {
  address: requiredText('The PDU.', addressForm(PORT)),
  profile: choice('Whose it is; auto asks for its sysObjectID.', ['auto', ...PROFILE_NAMES]),
  outlets: z
    .array(z.string({ error: OUTLETS }).regex(OUTLET, { error: OUTLETS }), { error: OUTLETS })
    .min(1, { error: OUTLETS })
    .max(24, { error: OUTLETS })
    .meta({
      description: `The outlets that feed this machine, named by their numbers: ${namings}. Expects ${OUTLETS}.`,
    }),
  community_file: optionalText('File with the community of SNMP v2c; null is public.', ABSOLUTE_PATH),
  username: optionalText('User of SNMP v3; null speaks v2c.', DEVICE),
  auth: choice('How SNMP v3 signs.', ['sha256', 'sha', 'sha224', 'sha384', 'sha512', 'md5']),
  auth_file: optionalText('File with the password that signs; null does not sign.', ABSOLUTE_PATH),
  privacy: choice('How SNMP v3 encrypts. Of AES with 256 bits there are two ways.', ['aes', 'aes256b', 'aes256r']),
  privacy_file: optionalText('File with the password that encrypts; null does not encrypt.', ABSOLUTE_PATH),
}

interface Entry {
  readonly address: string
  readonly profile: 'auto' | ProfileName
  readonly outlets: readonly string[]
  readonly community_file: string | null
  readonly username: string | null
  readonly auth_file: string | null
  readonly privacy_file: string | null
}

function faultOf(entry: Entry, before: readonly Entry[]): readonly [key: keyof Entry, message: string] | null {
  const { address, profile, outlets, community_file, username, auth_file, privacy_file } = entry
  if (before.some((other) => other.address === address)) return ['address', 'a PDU that no other entry has']
  const misnamed = outlets.some((outlet) => profile !== 'auto' && !isNamedAs(PROFILES[profile], outlet))
  if (misnamed && profile !== 'auto') return ['outlets', `outlets named ${PROFILES[profile].numbers.join('.')}`]
  if (new Set(outlets).size < outlets.length) return ['outlets', 'each outlet once']
  if (username === null && (auth_file ?? privacy_file) !== null) return ['username', 'the user of SNMP v3']
  if (username !== null && community_file !== null) return ['community_file', 'no community beside a user of SNMP v3']
  if (privacy_file !== null && auth_file === null) return ['auth_file', 'a file, since what is encrypted is signed too']
  return null
}

const devices = entries(
  'The PDUs.',
  'address and outlets, such as [{ address: 10.0.0.5, profile: apc, outlets: ["12"] }]',
  shape,
  { address: '10.0.0.5', profile: 'apc', outlets: ['12'] },
).superRefine(refuse(faultOf))

export const pduSchema = section(
  "Metered outlets of rack PDUs over SNMP: together the machine's input, so that every cord of it has to be named.",
  {
    enabled,
    interval: interval('10s', '10s', '1h'),
    deadline: duration('Time after which the agent stops waiting for an answer.', '4s', '100ms', '1m'),
    devices,
  },
)

export type PduSettings = SettingsOf<typeof pduSchema>
export type PduDeviceSettings = PduSettings['devices'][number]
