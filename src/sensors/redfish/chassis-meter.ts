import { dig, type Json } from '../../io/answer.ts'
import { type Get, linkOf, optional, optionalMembers, textOf } from './resource.ts'
import { type Quantity, type Source, sensorSource } from './source.ts'

/** Quantities of a whole chassis in the resources that took the place of `Power` in 2020. */

const ENERGIES: readonly Quantity[] = ['EnergykWh', 'EnergyJoules']
const POWERS: readonly Quantity[] = ['Power']
const KEYS: Readonly<Record<string, string>> = { Power: 'PowerWatts' }

/** What a name has to have to be asked at all, and what it must not: a server has hundreds of sensors, a third of a second each. */
const WHOLE = /total|system|chassis|node|server|input|platform|consum/i
const PART =
  /cpu|proc|gpu|accel|dimm|mem|dram|fan|psu|ps_?\d|supply|hdd|ssd|disk|drive|stor|pci|nic|ocp|fpga|vr|hsc_?\d|limit|cap|max|min|peak|avg|average|headroom|output|standby|budget|factor|reactive|apparent|loss|rail|aux|\dv/i
const ENERGY = /energy|kwh/i
const POWER = /power|pwr|watt/i
const MOST_ASKED = 4
/** Physical contexts of a whole machine; a sensor that says none is known by its name. */
const CONTEXTS = ['', 'Chassis', 'System', 'SystemBoard', 'Board', 'PowerSubsystem', 'PowerInput', 'Rack']

export interface ChassisMeter {
  readonly energy: Source | null
  readonly power: Source | null
}

/** The chassis' metrics first, then its sensors, for what they did not tell. */
export async function chassisMeter(get: Get, chassis: Json): Promise<ChassisMeter> {
  const path = linkOf(chassis, 'EnvironmentMetrics')
  // bmcweb answers 500 where two sensors say that they are the total.
  const metrics = await optional(get, path)
  const energy = path === null ? null : await inMetrics(get, path, metrics, ENERGIES)
  const power = path === null ? null : await inMetrics(get, path, metrics, POWERS)
  const list = linkOf(chassis, 'Sensors')
  if (list === null || (energy !== null && power !== null)) return { energy, power }
  const paths = (await optionalMembers(get, list)).filter((path) => isWhole(nameIn(path)))
  return {
    energy: energy ?? (await firstOf(get, paths, ENERGY, [...ENERGIES, 'EnergyWh'])),
    power: power ?? (await firstOf(get, paths, POWER, POWERS)),
  }
}

const isWhole = (name: string): boolean => WHOLE.test(name) && !PART.test(name)

/** The last part of a path. */
const nameIn = (path: string): string => path.split('/').at(-1) ?? ''

async function inMetrics(
  get: Get,
  path: string,
  metrics: Json,
  quantities: readonly Quantity[],
): Promise<Source | null> {
  for (const quantity of quantities) {
    const key = KEYS[quantity] ?? quantity
    const entryOf = (resource: Json): Json => dig(resource, key)
    const excerpt = sensorSource(metrics, entryOf, { path, quantity, label: `EnvironmentMetrics ${key}` })
    if (excerpt === null) continue
    // The sensor itself tells when it measured; an excerpt does not.
    const origin = textOf(metrics, key, 'DataSourceUri')
    return (await sensorAt(get, origin, [quantity])) ?? excerpt
  }
  return null
}

async function firstOf(get: Get, paths: readonly string[], name: RegExp, quantities: readonly Quantity[]) {
  const named = paths.filter((path) => name.test(nameIn(path)))
  const totalsFirst = named.toSorted((a, b) => Number(/total/i.test(nameIn(b))) - Number(/total/i.test(nameIn(a))))
  for (const path of totalsFirst.slice(0, MOST_ASKED)) {
    const source = await sensorAt(get, path, quantities)
    if (source !== null) return source
  }
  return null
}

async function sensorAt(get: Get, path: string, quantities: readonly Quantity[]): Promise<Source | null> {
  if (!path.startsWith('/') || path.includes('#')) return null
  const sensor = await optional(get, path)
  const quantity = quantities.find((one) => one === textOf(sensor, 'ReadingType'))
  if (quantity === undefined || !CONTEXTS.includes(textOf(sensor, 'PhysicalContext'))) return null
  return sensorSource(sensor, (resource) => resource, { path, quantity, label: `sensor ${nameIn(path)}` })
}
