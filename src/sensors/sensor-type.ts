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

/** What a sensor's section of the configuration says, once it is used. Durations are milliseconds. */
export type SettingsOf<S extends z.ZodType<Switch>> = Frozen<Omit<z.output<S>, 'enabled'>>

/** The code of a sensor. */
export interface SensorCode<Settings> {
  create(settings: Settings, context: SensorContext): Sensor
  /** The ways in which it can read, each of which `doctor` tries alone. Default: the one that the settings give. */
  variants?(settings: Settings): readonly { readonly label: string; readonly settings: Settings }[]
}

/** A sensor: its name and its code, which is loaded when it is used. */
export interface SensorType<Name extends string = string, Settings = object> {
  readonly name: Name
  readonly load: () => Promise<SensorCode<Settings>>
  /** Whether the settings name anything that it could read; one that finds that by itself always may. */
  namesAny(settings: Settings): boolean
}

export function sensorType<const Name extends string, Settings>(
  name: Name,
  load: () => Promise<SensorCode<Settings>>,
  namesAny: (settings: Settings) => boolean = () => true,
): SensorType<Name, Settings> {
  return { name, load, namesAny }
}
