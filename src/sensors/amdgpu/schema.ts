import { section } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

export const amdgpuSchema = section('Accelerators and graphics cards of AMD, by the metrics of their firmware.', {
  enabled,
  // 10 s: the 32 bits of the oldest tables are half full after 13 s at the most power.
  interval: interval('1s', '100ms', '10s'),
})

export type AmdgpuSettings = SettingsOf<typeof amdgpuSchema>
