import type { Embodied, EmbodiedSettings } from '../carbon/embodied/embodied.ts'
import type { Host } from '../machine/host.ts'
import type { MachineParts } from '../machine/machine-parts.ts'
import type { SavedParts } from '../machine/saved-parts.ts'
import type { Said } from '../machine/saved-parts-file.ts'
import { supplyCapacityW } from '../machine/supply-capacity.ts'

const GUEST =
  "a virtual machine has no parts of its own; if you know its share of the host's figure, set it as total_kg in carbon.embodied"
const SWITCHED_OFF = 'carbon.embodied is none: nothing is counted'
const SETTLE = 'Set total_kg in carbon.embodied to settle it'
const ROOT_ALONE = `the firmware lists them to root alone, and root has saved no list that can be used. ${SETTLE}`
const UNLISTED = `the firmware does not list them. ${SETTLE}`
const SHARED =
  'the power supplies feed more than this machine or are far bigger than it needs, so their loss is taken at a usual load. Set rated_w in node.supply to settle it'

export interface Known {
  readonly parts: MachineParts
  readonly host: Host
  readonly saved: SavedParts | null
  readonly said: readonly Said[]
}

/** What cannot be seen, and what is made of what can. */
export function notesOn(known: Known, settings: EmbodiedSettings, embodied: Embodied | null): string[] {
  return [...figuresOf(known, settings, embodied), ...known.said.map(({ message }) => message)]
}

function figuresOf({ parts, host, saved }: Known, settings: EmbodiedSettings, embodied: Embodied | null): string[] {
  if (settings === 'none') return [SWITCHED_OFF]
  if (parts.isVirtual) return embodied === null ? [GUEST] : []
  const { areModulesKnown, suppliesW } = parts
  const recalled = namesOf(host.dimmsGib === null && areModulesKnown, host.suppliesW === null && suppliesW !== null)
  const assumed = namesOf(!areModulesKnown, suppliesW === null)
  const isShared = suppliesW?.every((watts) => watts !== null) && supplyCapacityW(parts) === null
  return [
    ...(recalled === '' ? [] : [`${recalled} are as root saw them at ${saved?.savedAt}`]),
    ...(assumed === '' ? [] : [`${assumed} are assumed: ${host.hasFirmwareTable ? UNLISTED : ROOT_ALONE}`]),
    ...(isShared ? [SHARED] : []),
  ]
}

function namesOf(modules: boolean, supplies: boolean): string {
  return [...(modules ? ['memory modules'] : []), ...(supplies ? ['power supplies'] : [])].join(' and ')
}
