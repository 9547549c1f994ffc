import type { Embodied, EmbodiedSettings } from '../carbon/embodied/embodied.ts'
import { byWhom, type Inventory } from '../machine/inventory.ts'
import type { KnownBy, MachineParts } from '../machine/machine-parts.ts'
import { supplyCapacityW } from '../machine/supply-capacity.ts'

const GUEST =
  "a virtual machine has no parts of its own; if you know its share of the host's figure, set it as total_kg in carbon.embodied"
const SWITCHED_OFF = 'carbon.embodied is none: nothing is counted'
const SETTLE = 'Set total_kg in carbon.embodied to settle it'
const ROOT_ALONE = `the firmware lists them to root alone, and root has saved no list that can be used. ${SETTLE}`
const UNLISTED = `the firmware does not list them. ${SETTLE}`
const SHARED =
  'the power supplies feed more than this machine or are far bigger than it needs, so their loss is taken at a usual load. Set rated_w in node.supply to settle it'

/** What cannot be seen, and what is made of what can. */
export function notesOn(known: Inventory, settings: EmbodiedSettings, embodied: Embodied | null): string[] {
  return [...figuresOf(known, settings, embodied), ...known.said.map(({ message }) => message)]
}

function figuresOf(known: Inventory, settings: EmbodiedSettings, embodied: Embodied | null): string[] {
  const { parts, host } = known
  if (settings === 'none') return [SWITCHED_OFF]
  if (parts.isVirtual) return embodied === null ? [GUEST] : []
  const { suppliesW } = parts
  const assumed = namesOf(parts, 'assumed', ['modules', 'supplies'])
  const isShared = suppliesW?.every((watts) => watts !== null) && supplyCapacityW(parts) === null
  return [
    ...knownFrom(known),
    ...(assumed === '' ? [] : [`${assumed} are assumed: ${host.hasFirmwareTable ? UNLISTED : ROOT_ALONE}`]),
    ...(isShared ? [SHARED] : []),
  ]
}

/** Which parts others than this process know, who they are, and as of when. */
export function knownFrom({ parts, saved, told }: Inventory): string[] {
  if (parts.isVirtual) return []
  const [recalled, heard] = [namesOf(parts, 'saved'), namesOf(parts, 'told')]
  return [
    ...(recalled === '' ? [] : [`${recalled} are as root saw them at ${saved?.savedAt}`]),
    ...(told === null || heard === ''
      ? []
      : [`${heard} are as ${byWhom(told.parts)} told them at ${new Date(told.unixMs).toISOString()}`]),
  ]
}

const NAMES = {
  processors: 'processors',
  modules: 'memory modules',
  disks: 'disks',
  supplies: 'power supplies',
} as const
const ALL = ['processors', 'modules', 'disks', 'supplies'] as const

function namesOf({ knownBy }: MachineParts, by: KnownBy, of: readonly (keyof typeof NAMES)[] = ALL): string {
  const names = of.filter((part) => knownBy[part] === by).map((part) => NAMES[part])
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((text) => text !== '').join(' and ')
}
