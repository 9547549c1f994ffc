import { ABSOLUTE_PATH, duration, requiredText, section } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import { declaredKeys, entries, faultOf, refuse } from '../declared/keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

const { hardware, ...declared } = declaredKeys

const inputs = entries(
  'The files.',
  'path, unit, scope and device, such as [{ path: /run/plug/watts, unit: W, scope: ac_in, device: plug }]',
  {
    path: requiredText(
      'The file, in memory or on a disk of this machine. The service sees nothing of /home and /tmp.',
      ABSOLUTE_PATH,
    ),
    ...declared,
    max_age: duration('How long a number holds from when the file was written.', '30s', '1s', '1d'),
    hardware,
  },
  { path: '/run/plug/watts', unit: 'W', scope: 'ac_in', device: 'plug' },
).superRefine(refuse(faultOf))

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
