import { type NameMeaning, nameVerdict } from './names.ts'
import type { PowerSensor } from './sdr.ts'

/** What a sensor of watts meters, and of two totals which one is the more certain: the lower. */
export type SensorRole = { readonly role: 'total'; readonly rank: number } | { readonly role: 'supply' | 'other' }

/** The entities that sensors of watts have (IPMI 2.0, table 43-13; DCMI 1.5, table 6-2). */
type Place = 'machine' | 'supply' | 'chassis' | 'part' | 'unsaid'

const PLACES: readonly (readonly [Place, readonly number[]])[] = [
  // System board, power system board, power unit, power module, power management board, processing blade, baseboard.
  ['machine', [0x07, 0x0e, 0x13, 0x14, 0x15, 0x29, 0x42]],
  ['supply', [0x0a]],
  // System chassis, sub-chassis.
  ['chassis', [0x17, 0x18]],
  // Processors, disks, memory, add-in cards, backplanes, bays, fans, I/O modules, buses.
  ['part', [0x03, 0x04, 0x05, 0x08, 0x09, 0x0b, 0x0f, 0x10, 0x12, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x20]],
  ['part', [0x2a, 0x2b, 0x2c, 0x2d, 0x30, 0x31, 0x32, 0x33, 0x34, 0x41]],
]
const PLACE_OF: ReadonlyMap<number, Place> = new Map(PLACES.flatMap(([place, ids]) => ids.map((id) => [id, place])))

/** Which totals come first: those that a record places at the machine, before those that are only called so. */
const CERTAINTY: Readonly<Record<Place, number>> = { machine: 0, unsaid: 1, supply: 2, chassis: 3, part: 4 }
const NAMES = 100

/**
 * The entity that the record names decides, and the name where that says nothing or does not suffice: what a supply
 * takes in and gives out, and what is the power of a rail on the system board.
 * @param sharesChassis other machines are in the same chassis: neither it nor its supplies are this one's
 */
export function roleOf({ name, entityId }: PowerSensor, sharesChassis: boolean): SensorRole {
  const place = PLACE_OF.get(entityId) ?? 'unsaid'
  const { meaning, rank, isWhole } = nameVerdict(name)
  if (meaning === 'part' || place === 'part') return { role: 'other' }
  const total: SensorRole = { role: 'total', rank: CERTAINTY[place] * NAMES + rank }
  if (meaning === 'chassis' || (place === 'chassis' && meaning !== 'supply')) {
    return sharesChassis || meaning === 'unknown'
      ? { role: 'other' }
      : { ...total, rank: CERTAINTY.chassis * NAMES + rank }
  }
  const isSupply = meaning === 'supply' || (place === 'supply' && !(meaning === 'total' && isWhole))
  if (isSupply) return { role: sharesChassis ? 'other' : 'supply' }
  return isTotal(meaning, place) ? total : { role: 'other' }
}

/** A name that says no more than that it is power is trusted where the record places it at the machine. */
function isTotal(meaning: NameMeaning, place: Place): boolean {
  return meaning === 'total' || (meaning === 'power' && place === 'machine')
}

/** Without those that repeat another sensor of the same supply: one that says that it meters the input counts alone. */
export function oncePerSupply(supplies: readonly PowerSensor[]): readonly PowerSensor[] {
  const placeOf = ({ owner, entityId, entityInstance }: PowerSensor) => `${owner}/${entityId}/${entityInstance}`
  const isInput = ({ name }: PowerSensor) => nameVerdict(name).isInput
  const metered = new Set(supplies.filter(isInput).map(placeOf))
  return supplies.filter((one) => PLACE_OF.get(one.entityId) !== 'supply' || isInput(one) || !metered.has(placeOf(one)))
}
