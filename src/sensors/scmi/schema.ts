import { section } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

export const scmiSchema = section('Power domains of Arm servers, by the firmware that caps them (SCMI).', {
  enabled,
  interval: interval('1s', '100ms', '1h'),
})

export type ScmiSettings = SettingsOf<typeof scmiSchema>
