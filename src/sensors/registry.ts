import type { Sensor } from '../model/sensor.ts'
import { type SensorContext, type SensorType, type Switch, sensorType } from './sensor-type.ts'

const hasInputs = ({ inputs }: { readonly inputs: readonly unknown[] }): boolean => inputs.length > 0

/** Every sensor, one line each, in the order of the configuration. What a channel counts for its own facts decide, not this list. Its keys are in `sections.ts`. */
export const SENSORS = [
  sensorType('rapl', async () => (await import('./rapl/rapl.ts')).rapl),
  sensorType('nvml', async () => (await import('./nvml/nvml.ts')).nvml),
  sensorType('amdgpu', async () => (await import('./amdgpu/amdgpu.ts')).amdgpu),
  sensorType('hsmp', async () => (await import('./hsmp/hsmp.ts')).hsmp),
  sensorType('ipmi', async () => (await import('./ipmi/ipmi.ts')).ipmi),
  sensorType('cray', async () => (await import('./cray/cray.ts')).cray),
  sensorType('hwmon', async () => (await import('./hwmon/hwmon.ts')).hwmon),
  sensorType('scmi', async () => (await import('./scmi/scmi.ts')).scmi),
  sensorType('file', async () => (await import('./file/file.ts')).file, hasInputs),
  sensorType('http', async () => (await import('./http/http.ts')).http, hasInputs),
  sensorType('nut', async () => (await import('./nut/nut.ts')).nut, hasInputs),
  sensorType(
    'pdu',
    async () => (await import('./pdu/pdu.ts')).pdu,
    ({ devices }) => devices.length > 0,
  ),
  sensorType(
    'redfish',
    async () => (await import('./redfish/redfish.ts')).redfish,
    ({ url }) => url !== null,
  ),
  sensorType('estimate', async () => (await import('./estimate/estimate.ts')).estimate),
] as const

/** What the configuration says of the sensors, by their names. */
export type SensorSettings = Readonly<Record<string, Switch>>

/** The sensors that the settings do not switch off. The code of one that may stay away, and has nothing to read, is not loaded. */
export async function createSensors(
  settings: SensorSettings,
  context: SensorContext,
  types: readonly SensorType[] = SENSORS,
): Promise<{ readonly sensor: Sensor; readonly required: boolean }[]> {
  const sensors = types.map(async (type) => {
    const own = settings[type.name]
    if (own === undefined || own.enabled === false) return []
    if (own.enabled === 'auto' && !type.namesAny(own)) return []
    return [{ sensor: (await type.load()).create(own, context), required: own.enabled === true }]
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
