import type { Json } from '../../io/answer.ts'
import type { Scope } from '../../model/channel.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { type ChassisMeter, chassisMeter } from './chassis-meter.ts'
import { type Chassis, findMachine, type Identity, type Machine } from './machine.ts'
import { olderPower } from './older-power.ts'
import type { Place } from './parts.ts'
import { findLogs, type Logs } from './power-log.ts'
import { type Get, linkOf, optional, textOf } from './resource.ts'
import type { Source } from './source.ts'
import { olderSupplyInputs, ratedW, type SupplySource, supplyInputs } from './supplies.ts'

/** A source, and what it stands for. */
export interface Measured {
  readonly source: Source
  readonly scope: Extract<Scope, 'ac_in' | 'dc_node' | 'psu'>
  readonly device: string
}

export interface Survey {
  /** What is read, the best first; empty where nothing meters this machine. Supplies add up to one meter. */
  readonly measured: readonly Measured[]
  /** Where the one meter that is read keeps a log; null where it keeps none. */
  readonly logs: Logs | null
  /** What the supplies can give together, in W; null where that is not told. */
  readonly ratedW: number | null
  /** For people: whose controller this says it is. */
  readonly machine: string
  /** Where its parts are listed. */
  readonly place: Place
}

const ROOT = '/redfish/v1/'

/** Where the controller knows no chassis of it. */
const NO_CHASSIS: Chassis = { path: '', resource: {}, isShared: false, isInside: false }

/** Finds what meters this machine. Throws a SensorError where the machine is not to be found. */
export async function survey(get: Get, wanted: string | null, own: Identity): Promise<Survey> {
  const root = await get(ROOT)
  const machine = await findMachine(get, root, wanted, own)
  for (const chassis of machine.chassis) {
    const measured = await meterOf(get, machine, chassis)
    if (measured.length === 0) continue
    const logs = isWholeAlone(measured, chassis) ? await findLogs(get, machine.system, chassis.resource) : null
    const rated = await ratedW(get, chassis.resource)
    return {
      measured,
      logs,
      ratedW: rated,
      machine: nameOf(machine.system),
      place: { system: machine.system, chassis },
    }
  }
  const chassis = machine.chassis.find(({ isShared }) => isShared) ?? machine.chassis[0] ?? NO_CHASSIS
  return {
    measured: [],
    logs: null,
    ratedW: null,
    machine: nameOf(machine.system),
    place: { system: machine.system, chassis },
  }
}

/** Why a machine that was found has no meter. */
export function unmetered({ machine, place }: Survey): SensorError {
  const reason = place.chassis.isShared
    ? 'the meter of its chassis is that of several machines'
    : 'no chassis of it tells watts'
  return new SensorError('SENSOR_ABSENT', `${machine}: ${reason}`, {
    remedy: 'look for a power reading in the interface of the controller: some need a licence or newer firmware for it',
  })
}

/** A counter goes on by itself while nobody reads it, and a log is of the whole chassis. */
function isWholeAlone(measured: readonly Measured[], { isShared, isInside }: Chassis): boolean {
  const [only, ...others] = measured
  const isPower = only?.source.kind === 'power' && only.scope === 'ac_in'
  return isPower && others.length === 0 && !isShared && !isInside
}

function nameOf(system: Json): string {
  const words = ['Manufacturer', 'Model', 'SerialNumber'].map((key) => textOf(system, key))
  return words.filter((word) => word !== '').join(' ') || textOf(system, 'Id') || 'the machine'
}

async function meterOf(get: Get, machine: Machine, chassis: Chassis): Promise<readonly Measured[]> {
  const { resource, isShared, isInside } = chassis
  if (isShared) return totals({ energy: null, power: await older(get, resource, machine.path) }, true)
  const meter = await chassisMeter(get, resource)
  if (meter.power !== null) return totals(meter, isInside)
  // Beside an energy counter a power is worth one request, for the time in which that stands still.
  if (meter.energy !== null) return totals({ ...meter, power: await older(get, resource, null) }, isInside)
  const supplies = isInside ? [] : await supplyInputs(get, resource)
  if (supplies.length > 0) return inputs(supplies)
  const power = await older(get, resource, null)
  if (power !== null) return totals({ energy: null, power }, isInside)
  const path = linkOf(resource, 'Power')
  return path === null || isInside ? [] : inputs(olderSupplyInputs(await optional(get, path), path))
}

async function older(get: Get, chassis: Json, system: string | null): Promise<Source | null> {
  const path = linkOf(chassis, 'Power')
  return path === null ? null : olderPower(await optional(get, path), path, system)
}

function totals({ energy, power }: ChassisMeter, isInside: boolean): readonly Measured[] {
  const scopeOf = ({ isDc }: Source) => (isDc || isInside ? 'dc_node' : 'ac_in')
  const named = (source: Source | null, device: string): readonly Measured[] =>
    source === null ? [] : [{ source, scope: scopeOf(source), device }]
  return [...named(energy, 'bmc-energy'), ...named(power, 'bmc')]
}

function inputs(supplies: readonly SupplySource[]): readonly Measured[] {
  const taken = new Set<string>()
  return supplies.map(({ name, source }) => {
    let device = name
    for (let count = 2; taken.has(device); count += 1) device = `${name} #${count}`
    taken.add(device)
    return { source, scope: 'psu', device }
  })
}
