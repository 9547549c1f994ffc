import { join } from 'node:path'
import type { Json } from '../../io/answer.ts'
import { textOf as textOfFile } from '../../machine/files.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { type Get, itemsOf, linkOf, linksOf, membersOf, optional, textOf } from './resource.ts'

/** What the firmware of this machine calls it; empty where only root may know. */
export interface Identity {
  readonly uuid: string
  readonly serial: string
}

export function readIdentity(sysfs: string): Identity {
  const field = (name: string): string => textOfFile(join(sysfs, 'class/dmi/id', name)) ?? ''
  return { uuid: field('product_uuid').toLowerCase(), serial: field('product_serial') }
}

export interface Machine {
  readonly path: string
  readonly system: Json
  /** What it may be metered by, the outermost first. */
  readonly chassis: readonly Chassis[]
}

export interface Chassis {
  readonly path: string
  readonly resource: Json
  /** Other machines are in it: what it meters is not this one. */
  readonly isShared: boolean
  /** It lies in an enclosure that has the supplies, and meters behind them. */
  readonly isInside: boolean
}

interface Found {
  readonly path: string
  readonly resource: Json
}

/** The board of NVIDIA's accelerators shows itself as a system, a network card as another. */
const NOT_A_MACHINE = /^(HGX_|Bluefield|DPU)/i
/** Chassis whose supplies are those of all that is plugged in. */
const ENCLOSURES = ['Enclosure', 'Shelf']
const MOST_CHASSIS = 8
/** A manager of blades has so many. */
const MOST_SYSTEMS = 64

/** This machine among those behind the controller. Throws a SensorError where that cannot be told. */
export async function findMachine(get: Get, root: Json, wanted: string | null, own: Identity): Promise<Machine> {
  const list = linkOf(root, 'Systems')
  if (list === null) throw new SensorError('SENSOR_ABSENT', 'the controller has no list of systems')
  const systems = await resourcesAt(get, await membersOf(get, list), MOST_SYSTEMS)
  const machines = systems.filter(({ resource }) => !isOther(resource))
  const named = (one: Found): boolean => textOf(one.resource, 'Id') === wanted
  const chosen =
    wanted === null ? (only(machines) ?? only(machines.filter((one) => isOwn(one, own)))) : systems.find(named)
  if (!chosen) throw notTold(systems, wanted)
  return { path: chosen.path, system: chosen.resource, chassis: await chassisOf(get, root, chosen) }
}

function notTold(systems: readonly Found[], wanted: string | null): SensorError {
  const ids = systems.map(({ resource }) => textOf(resource, 'Id')).join(', ') || 'none'
  const problem =
    wanted === null
      ? 'the controller does not tell which of its systems this machine is'
      : `the controller has no system ${wanted}`
  return new SensorError('SENSOR_ABSENT', `${problem}: it has ${ids}`, {
    remedy: `set sensors.redfish.system to one of: ${ids}; a controller of accelerators alone does not meter the machine`,
  })
}

const only = <T>(list: readonly T[]): T | undefined => (list.length === 1 ? list[0] : undefined)

function isOther(system: Json): boolean {
  const type = textOf(system, 'SystemType')
  return NOT_A_MACHINE.test(textOf(system, 'Id')) || ['DPU', 'OS', 'Virtual', 'VirtuallyPartitioned'].includes(type)
}

function isOwn({ resource }: Found, { uuid, serial }: Identity): boolean {
  const told = textOf(resource, 'UUID').toLowerCase()
  if (told !== '' && uuid !== '') return told === uuid || swapped(told) === uuid
  return serial !== '' && textOf(resource, 'SerialNumber') === serial
}

/** SMBIOS writes the first three fields of a UUID with their bytes in reverse, and not every controller knows. */
function swapped(uuid: string): string {
  const reversed = (field: string): string => (field.match(/../g) ?? []).reverse().join('')
  const [a = '', b = '', c = '', ...rest] = uuid.split('-')
  return [reversed(a), reversed(b), reversed(c), ...rest].join('-')
}

/** `Links.Chassis` of the system, not the first of all chassis: that may be a backplane, an enclosure or an accelerator board. */
async function chassisOf(get: Get, root: Json, { path, resource }: Found): Promise<readonly Chassis[]> {
  const linked = linksOf(resource, 'Links', 'Chassis')
  const list = linkOf(root, 'Chassis')
  const paths = linked.length > 0 || list === null ? linked : await membersOf(get, list)
  const found = await resourcesAt(get, paths, MOST_CHASSIS)
  const ours = found.filter((one) => linked.length > 0 || found.length === 1 || machinesIn(one).includes(path))
  const inner = (one: Found): boolean => ours.some((other) => other.path === containerOf(one))
  const outermostFirst = [...ours.filter((one) => !inner(one)), ...ours.filter(inner)]
  const chassis: Chassis[] = []
  for (const one of outermostFirst)
    chassis.push({ ...one, isShared: machinesIn(one).length > 1, isInside: await isInside(get, one) })
  return chassis
}

async function isInside(get: Get, chassis: Found): Promise<boolean> {
  const container = containerOf(chassis)
  if (container === null) return false
  const resource = await optional(get, container)
  return ENCLOSURES.includes(textOf(resource, 'ChassisType')) || machinesIn({ path: container, resource }).length > 1
}

const containerOf = ({ resource }: Found): string | null => linkOf(resource, 'Links', 'ContainedBy')

const machinesIn = ({ resource }: Found): readonly string[] =>
  itemsOf(resource, 'Links', 'ComputerSystems').flatMap((item) => {
    const path = linkOf(item)
    return path === null || NOT_A_MACHINE.test(path.split('/').at(-1) ?? '') ? [] : [path]
  })

/** Those that are there: a member may be listed and answer 404. */
async function resourcesAt(get: Get, paths: readonly string[], most: number): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const path of paths.slice(0, most)) {
    const resource = await optional(get, path)
    if (resource !== null) found.push({ path, resource })
  }
  return found
}
