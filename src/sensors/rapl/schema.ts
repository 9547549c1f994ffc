import { choice, section } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

export const raplSchema = section('CPU packages and memory, by the RAPL counters of Intel and AMD processors.', {
  enabled,
  // 100 ms: what is finer serves an attacker more than an operator (PLATYPUS, CVE-2020-8694).
  // 30 s: a 65.5 kJ register at 500 W passes half its range in 66 s.
  interval: interval('1s', '100ms', '30s'),
  interface: choice('Interface to the counters; auto takes the first that can be read.', [
    'auto',
    'powercap',
    'perf',
    'msr',
  ]),
})

export type RaplSettings = SettingsOf<typeof raplSchema>
