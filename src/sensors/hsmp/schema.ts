import { type Form, section, text } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

const DEVICE: Form = {
  expected: 'a device such as /dev/hsmp, or unix:PATH of a socket',
  pattern: /^(?:unix:)?\/[^\0]{1,4095}$/,
}

export const hsmpSchema = section(
  "Sockets of AMD EPYC processors, by the firmware's own interface, which tells anybody what RAPL tells root alone.",
  {
    enabled,
    interval: interval('1s', '100ms', '1h'),
    device: text(
      'Device of amd_hsmp, or the socket of who passes its messages on to a container.',
      DEVICE,
      '/dev/hsmp',
    ),
  },
)

export type HsmpSettings = SettingsOf<typeof hsmpSchema>
