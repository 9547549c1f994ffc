import type { Sensor } from '../model/sensor.ts'
import { estimate } from './estimate/estimate.ts'
import { hwmon } from './hwmon/hwmon.ts'
import { ipmi } from './ipmi/ipmi.ts'
import { nvml } from './nvml/nvml.ts'
import { type RaplOptions, rapl } from './rapl/rapl.ts'
import type { CommonOptions, SensorContext, SensorType } from './sensor-type.ts'

/** What the configuration says of the sensors. Durations are milliseconds. */
export interface SensorSettings {
  readonly rapl: Switch & { readonly interval: number; readonly interface: RaplOptions['interface'] }
  readonly nvml: Switch & { readonly interval: number; readonly library: string }
  readonly ipmi: Switch & { readonly interval: number; readonly device: string; readonly deadline: number }
  readonly hwmon: Switch & { readonly interval: number }
  readonly estimate: Switch & { readonly interval: number }
}

interface Switch {
  readonly enabled: 'auto' | boolean
}

/** A kind of sensor with its options taken from the settings. */
interface Entry {
  readonly name: keyof SensorSettings
  create(settings: SensorSettings, context: SensorContext): Sensor
  variants(settings: SensorSettings, context: SensorContext): readonly SensorVariant[]
}

export interface SensorVariant {
  readonly sensor: Sensor
  /** Empty for a sensor that can be read in one way only. */
  readonly variant: string
}

function entry<Name extends keyof SensorSettings, Options extends CommonOptions>(
  name: Name,
  type: SensorType<Options>,
  optionsOf: (settings: SensorSettings[Name]) => Options,
): Entry {
  return {
    name,
    create: (settings, context) => type.create(optionsOf(settings[name]), context),
    variants: (settings, context) => {
      const options = optionsOf(settings[name])
      const variants = type.variants?.(options) ?? [{ label: '', options }]
      return variants.map(({ label, options }) => ({ variant: label, sensor: type.create(options, context) }))
    },
  }
}

/** Every sensor, one line each. The node account orders them by their channels, not by this list. */
const ENTRIES: readonly Entry[] = [
  entry('rapl', rapl, (its) => ({ intervalMs: its.interval, interface: its.interface })),
  entry('nvml', nvml, (its) => ({ intervalMs: its.interval, library: its.library })),
  entry('ipmi', ipmi, (its) => ({ intervalMs: its.interval, device: its.device, deadlineMs: its.deadline })),
  entry('hwmon', hwmon, (its) => ({ intervalMs: its.interval })),
  entry('estimate', estimate, (its) => ({ intervalMs: its.interval })),
]

/** The sensors that the settings do not switch off. */
export function createSensors(
  settings: SensorSettings,
  context: SensorContext,
): { readonly sensor: Sensor; readonly required: boolean }[] {
  return ENTRIES.filter(({ name }) => settings[name].enabled !== false).map(({ name, create }) => ({
    sensor: create(settings, context),
    required: settings[name].enabled === true,
  }))
}

/** Every way in which every sensor could be read, for `doctor`. */
export function sensorVariants(settings: SensorSettings, context: SensorContext): SensorVariant[] {
  return ENTRIES.flatMap(({ variants }) => variants(settings, context))
}
