import { ABSOLUTE_PATH, duration, type Form, optionalText, section } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import { FINGERPRINT } from '../declared/certificate.ts'
import type { SettingsOf } from '../sensor-type.ts'

const URL_FORM: Form = {
  expected: 'a URL such as https://10.0.0.7',
  pattern: /^https?:\/\/[^\s/?#@]{1,300}\/?$/,
  accepts: URL.canParse,
}
const USER: Form = {
  expected: 'a name of 1 to 100 printable characters without a colon',
  pattern: /^[^\p{Cc}:]{1,100}$/u,
}
const SYSTEM: Form = { expected: 'the Id of a system, such as System.Embedded.1,', pattern: /^[^\p{Cc}]{1,200}$/u }

const keys = section(
  'The management controller over its network interface (Redfish), which meters the input of the whole machine.',
  {
    enabled,
    url: optionalText("Address of this machine's controller; without one the sensor is off.", URL_FORM),
    username: optionalText('Account, which needs to read only; null logs in nowhere.', USER),
    password_file: optionalText(
      'File with its password, which only the service should be able to read.',
      ABSOLUTE_PATH,
    ),
    fingerprint: optionalText(
      "SHA-256 of the controller's certificate, as wattledger doctor shows it: to one that shows another nothing is sent. Null takes what a known authority has signed.",
      FINGERPRINT,
    ),
    system: optionalText('Which of several systems behind one controller this machine is.', SYSTEM),
    interval: interval('30s', '5s', '1h'),
    deadline: duration('Time after which the agent stops waiting for an answer.', '10s', '1s', '1m'),
  },
)

export const redfishSchema = keys.superRefine(({ url, username, password_file, fingerprint }, context) => {
  const isPlain = url?.startsWith('http:') ?? false
  const refuse = (key: string, message: string, input: unknown) =>
    context.addIssue({ code: 'custom', path: [key], message, input })
  if (username !== null && password_file === null)
    refuse('password_file', 'the file with the password of username', null)
  if (isPlain && username !== null) refuse('url', 'https, since a password would be sent in the clear', url)
  if (isPlain && fingerprint !== null) refuse('url', 'https, since plain HTTP has no certificate', url)
})

export type RedfishSettings = SettingsOf<typeof redfishSchema>
