import { ABSOLUTE_PATH, duration, type Form, optionalText, requiredText, section } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import { DEVICE, type Declared, declaredKeys, entries, faultOf, refuse } from '../declared/keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

const URL_FORM: Form = {
  expected: 'a URL without user and password, such as http://10.0.0.8/rpc/Switch.GetStatus?id=0',
  pattern: /^https?:\/\/[^\s@]{1,1000}$/,
  accepts: URL.canParse,
}
const PATH: Form = {
  expected: 'keys with dots between them, such as aenergy.total or meters.0.power',
  pattern: /^[^\p{Cc}.]{1,100}(?:\.[^\p{Cc}.]{1,100}){0,9}$/u,
}

const { hardware, ...declared } = declaredKeys

interface Entry extends Declared {
  readonly username: string | null
  readonly password_file: string | null
}

const inputs = entries(
  'The numbers.',
  'url, value, unit, scope and device, such as [{ url: "http://10.0.0.8/meter/0", value: power, unit: W, scope: ac_in, device: plug }]',
  {
    url: requiredText('Where the device tells it, as JSON. Redirects are not followed.', URL_FORM),
    value: requiredText('Place of the number in the answer.', PATH),
    ...declared,
    time: optionalText(
      'Place of the time at which the device measured it: RFC 3339, seconds or milliseconds since 1970, or any text that differs each time. Without one the answer is of now.',
      PATH,
    ),
    max_age: duration('How long a number holds from its time.', '1m', '1s', '1d'),
    hardware,
    username: optionalText('User, for a device that wants one.', DEVICE),
    password_file: optionalText(
      'File with the password, which only the service should be able to read.',
      ABSOLUTE_PATH,
    ),
  },
  { url: 'http://10.0.0.8/meter/0', value: 'power', unit: 'W', scope: 'ac_in', device: 'plug' },
).superRefine(
  refuse((entry: Entry, before: readonly Entry[]) => {
    const { username, password_file } = entry
    if (username !== null && password_file === null) return ['password_file', 'the file with the password']
    if (username === null && password_file !== null) return ['username', 'the user of the password']
    return faultOf(entry, before)
  }),
)

export const httpSchema = section(
  'Numbers that devices on the local network tell over HTTP: smart plugs, meters, another program.',
  {
    enabled,
    interval: interval('10s', '1s', '1h'),
    deadline: duration('Time after which the agent stops waiting for an answer.', '5s', '100ms', '1m'),
    inputs,
  },
)

export type HttpSettings = SettingsOf<typeof httpSchema>
export type HttpInputSettings = HttpSettings['inputs'][number]
