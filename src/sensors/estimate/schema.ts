import { section } from '../../schema/fields.ts'
import { enabled, interval } from '../common-keys.ts'
import type { SettingsOf } from '../sensor-type.ts'

export const estimateSchema = section(
  'A model of processors and memory by what they are and their utilisation, for the time that no meter covers.',
  {
    enabled,
    // Read when the sensors are drained, which is once a second at most; where it alone has to be, as seldom as this.
    interval: interval('5s', '1s', '1h'),
  },
)

export type EstimateSettings = SettingsOf<typeof estimateSchema>
