import type { Clock } from '../model/clock.ts'
import type { Sensor } from '../model/sensor.ts'

/** Roots and clocks of the machine, so that any other machine can be put in their place. */
export interface SensorContext {
  readonly sysfs: string
  readonly procfs: string
  readonly devfs: string
  readonly clock: Clock
}

/** What the configuration says of every sensor. */
export interface CommonOptions {
  readonly intervalMs: number
}

/** A kind of sensor. To add one: write its file, add one line to `SENSOR_TYPES` and one key to the configuration's schema. */
export interface SensorType<Options extends CommonOptions> {
  create(options: Options, context: SensorContext): Sensor
  /** The ways in which it can read, each of which `doctor` tries alone. Default: the one given by the options. */
  variants?(options: Options): readonly { readonly label: string; readonly options: Options }[]
}
