import { duration, type Form, section, text } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

/** What dlopen(3) takes. Not `libnvidia-ml.so`, which only development packages have. */
const LIBRARY: Form = { expected: 'the name or the absolute path of a shared library', pattern: /^[^\0]{1,4095}$/ }

export const nvmlSchema = section('NVIDIA GPUs.', {
  enabled,
  interval: interval('1s', '100ms', '1h'),
  idle_interval: duration(
    'Time between two readings of a GPU that may sleep and that nobody uses: each of them wakes it. Those of servers seldom may.',
    '1m',
    '1s',
    '5m',
  ),
  library: text('Management library of the NVIDIA driver.', LIBRARY, 'libnvidia-ml.so.1'),
})

export type NvmlSettings = SettingsOf<typeof nvmlSchema>
