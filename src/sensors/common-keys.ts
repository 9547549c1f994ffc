import { choice, duration } from '../schema/fields.ts'

/** Keys that every sensor has. */

export const enabled = choice(
  'auto uses the sensor if the machine has it, true makes its absence an error, false switches it off.',
  ['auto', true, false],
)

export const interval = (preset: string, min: string, max: string) =>
  duration('Time between two readings.', preset, min, max)
