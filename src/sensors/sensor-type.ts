import type * as z from 'zod'
import type { Clock } from '../model/clock.ts'
import type { Frozen } from '../model/frozen.ts'
import type { Sensor } from '../model/sensor.ts'

/** Roots and clocks of the machine, so that any other machine can be put in their place. */
export interface SensorContext {
  readonly sysfs: string
  readonly procfs: string
  readonly devfs: string
  readonly clock: Clock
}

/** Whether a sensor is used, which its keys in the configuration say first. */
export interface Switch {
  readonly enabled: 'auto' | boolean
}

type Schema = z.ZodType<Switch>

/** What a sensor's section of the configuration says, once it is used. Durations are milliseconds. */
export type SettingsOf<S extends Schema> = Frozen<Omit<z.output<S>, 'enabled'>>

/** The code of a sensor. */
export interface SensorCode<Settings> {
  create(settings: Settings, context: SensorContext): Sensor
  /** The ways in which it can read, each of which `doctor` tries alone. Default: the one that the settings give. */
  variants?(settings: Settings): readonly { readonly label: string; readonly settings: Settings }[]
}

/**
 * A sensor: its name, its section of the configuration, and its code. The code is loaded when it is used, so that a
 * configuration can be read without the addon.
 */
export interface SensorType<Name extends string = string, S extends Schema = Schema> {
  readonly name: Name
  readonly schema: S
  readonly load: () => Promise<SensorCode<SettingsOf<S>>>
}

export function sensorType<const Name extends string, S extends Schema>(
  name: Name,
  schema: S,
  load: SensorType<Name, S>['load'],
): SensorType<Name, S> {
  return { name, schema, load }
}
