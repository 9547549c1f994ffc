import type { Sensor } from '../model/sensor.ts'
import { amdgpuSchema } from './amdgpu/schema.ts'
import { estimateSchema } from './estimate/schema.ts'
import { fileSchema } from './file/schema.ts'
import { hsmpSchema } from './hsmp/schema.ts'
import { httpSchema } from './http/schema.ts'
import { hwmonSchema } from './hwmon/schema.ts'
import { ipmiSchema } from './ipmi/schema.ts'
import { nutSchema } from './nut/schema.ts'
import { nvmlSchema } from './nvml/schema.ts'
import { pduSchema } from './pdu/schema.ts'
import { raplSchema } from './rapl/schema.ts'
import { redfishSchema } from './redfish/schema.ts'
import { type SensorContext, type SensorType, type Switch, sensorType } from './sensor-type.ts'

/** Every sensor, one line each, in the order of the configuration. What a channel counts for its own facts decide, not this list. */
export const SENSORS = [
  sensorType('rapl', raplSchema, async () => (await import('./rapl/rapl.ts')).rapl),
  sensorType('nvml', nvmlSchema, async () => (await import('./nvml/nvml.ts')).nvml),
  sensorType('amdgpu', amdgpuSchema, async () => (await import('./amdgpu/amdgpu.ts')).amdgpu),
  sensorType('hsmp', hsmpSchema, async () => (await import('./hsmp/hsmp.ts')).hsmp),
  sensorType('ipmi', ipmiSchema, async () => (await import('./ipmi/ipmi.ts')).ipmi),
  sensorType('hwmon', hwmonSchema, async () => (await import('./hwmon/hwmon.ts')).hwmon),
  sensorType('file', fileSchema, async () => (await import('./file/file.ts')).file),
  sensorType('http', httpSchema, async () => (await import('./http/http.ts')).http),
  sensorType('nut', nutSchema, async () => (await import('./nut/nut.ts')).nut),
  sensorType('pdu', pduSchema, async () => (await import('./pdu/pdu.ts')).pdu),
  sensorType('redfish', redfishSchema, async () => (await import('./redfish/redfish.ts')).redfish),
  sensorType('estimate', estimateSchema, async () => (await import('./estimate/estimate.ts')).estimate),
] as const

type Sections = { readonly [Type in (typeof SENSORS)[number] as Type['name']]: Type['schema'] }

/** The section of each sensor, by its name. */
export const sensorSections = Object.fromEntries(SENSORS.map(({ name, schema }) => [name, schema])) as Sections

/** What the configuration says of the sensors, by their names. */
export type SensorSettings = Readonly<Record<string, Switch>>

/** The sensors that the settings do not switch off. */
export async function createSensors(
  settings: SensorSettings,
  context: SensorContext,
  types: readonly SensorType[] = SENSORS,
): Promise<{ readonly sensor: Sensor; readonly required: boolean }[]> {
  const sensors = types.map(async ({ name, load }) => {
    const own = settings[name]
    if (own === undefined || own.enabled === false) return []
    return [{ sensor: (await load()).create(own, context), required: own.enabled === true }]
  })
  return (await Promise.all(sensors)).flat()
}

export interface SensorVariant {
  readonly sensor: Sensor
  /** Empty for a sensor that can be read in one way only. */
  readonly variant: string
}

/** Every way in which every sensor could be read, for `doctor`. */
export async function sensorVariants(settings: SensorSettings, context: SensorContext): Promise<SensorVariant[]> {
  const types: readonly SensorType[] = SENSORS
  const variants = types.map(async ({ name, load }) => {
    const own = settings[name]
    if (own === undefined) return []
    const code = await load()
    const ways = code.variants?.(own) ?? [{ label: '', settings: own }]
    return ways.map(({ label, settings }) => ({ variant: label, sensor: code.create(settings, context) }))
  })
  return (await Promise.all(variants)).flat()
}
