import { type Channel, isLog } from './channel.ts'

/*
 * The one order of meters. A meter or a sensor that is not named here counts all the same, after those that are.
 */

/** Meters of the whole machine, best first on each side of its supply. */
const WHOLE: readonly string[] = [
  'dcmi',
  'sdr',
  'psu',
  'oem',
  'acpi',
  'redfish',
  'redfish-power',
  'cray',
  'file',
  'http',
  'occ',
  'macsmc',
  'corsairpsu',
]

/** Sensors of the machine's parts: of two that measure one piece of hardware the first counts. */
const PARTS: readonly string[] = ['rapl', 'nvml', 'amdgpu', 'hwmon']

/** Where a meter of the whole machine stands: at its input, behind its supply, or on the board. */
const SIDES: readonly Channel['scope'][] = ['dc_node', 'psys']

/** True for a meter behind the supply, whose loss it does not see. */
export function isBehindSupply({ scope }: Pick<Channel, 'scope'>): boolean {
  return SIDES.includes(scope)
}

/** Compares two channels that measure the whole machine: negative when the first one is the better meter. A log comes last. */
export function compareWhole(a: Channel, b: Channel): number {
  return (
    Number(isLog(a)) - Number(isLog(b)) ||
    SIDES.indexOf(a.scope) - SIDES.indexOf(b.scope) ||
    rank(WHOLE, a.nodeMeter ?? '') - rank(WHOLE, b.nodeMeter ?? '')
  )
}

/** Compares two channels that measure the same hardware. A model comes last, and a counter misses less than a power. */
export function comparePart(a: Channel, b: Channel): number {
  return (
    Number(a.quality === 'estimated') - Number(b.quality === 'estimated') ||
    rank(PARTS, a.sensor) - rank(PARTS, b.sensor) ||
    Number(a.kind === 'power') - Number(b.kind === 'power') ||
    (a.sensor < b.sensor ? -1 : 1)
  )
}

function rank(order: readonly string[], name: string): number {
  const index = order.indexOf(name)
  return index === -1 ? order.length : index
}
