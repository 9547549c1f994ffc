import { section } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

export const craySchema = section('Nodes of HPE Cray EX and XC, by the energy counters of their blade.', {
  enabled,
  interval: interval('1s', '1s', '1h'),
})

export type CraySettings = SettingsOf<typeof craySchema>
