import { duration, type Form, section, text } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

/** A character device, or a BMC simulator. */
const DEVICE: Form = {
  expected: 'a device such as /dev/ipmi0, or vm://HOST:PORT',
  pattern: /^(?:\/[^\0]{1,4095}|vm:\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s:[\]/]+):\d{1,5})$/,
}

export const ipmiSchema = section(
  'The baseboard management controller (BMC), which meters the input power of the whole machine.',
  {
    enabled,
    interval: interval('5s', '1s', '1h'),
    device: text('Device or address of the BMC.', DEVICE, '/dev/ipmi0'),
    // For each request.
    deadline: duration('Time after which the agent stops waiting for an answer.', '2s', '100ms', '1m'),
  },
)

export type IpmiSettings = SettingsOf<typeof ipmiSchema>
