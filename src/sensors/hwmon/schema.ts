import { section } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

export const hwmonSchema = section('Power and energy sensors of kernel drivers, such as the ACPI power meter.', {
  enabled,
  interval: interval('1s', '100ms', '1h'),
})

export type HwmonSettings = SettingsOf<typeof hwmonSchema>
