import { dig, type Json } from '../../io/answer.ts'
import { type Get, itemsOf, linkOf, membersOf, optional, pluggedIn, textOf } from './resource.ts'
import { numberOf, type Source, sensorSource, wattSource } from './source.ts'

/** Of one supply of a server; what is below and above tells something else. */
const [LEAST_RATED_W, MOST_RATED_W] = [100, 10_000]

/** One supply's input. */
export interface SupplySource {
  readonly name: string
  readonly source: Source
}

/** More are those of an enclosure, each a request in every pass. */
const MOST_SUPPLIES = 8
/** In one resource they cost nothing. */
const MOST_LISTED = 32
/** Of volts, each with what a supply gives there. */
const MOST_RANGES = 8

/** Inputs of all supplies that are plugged in: `PowerSubsystem/PowerSupplies/{p}/Metrics`. Empty where one does not tell. */
export async function supplyInputs(get: Get, chassis: Json): Promise<readonly SupplySource[]> {
  const subsystem = await optional(get, linkOf(chassis, 'PowerSubsystem'))
  const list = linkOf(subsystem, 'PowerSupplies')
  if (list === null) return []
  const inputs: SupplySource[] = []
  for (const path of (await membersOf(get, list)).slice(0, MOST_SUPPLIES)) {
    // A member may be listed and not be there.
    const supply = await optional(get, path)
    if (supply === null || isAbsent(supply)) continue
    const metrics = linkOf(supply, 'Metrics')
    const input = metrics && metricSource(await optional(get, metrics), metrics)
    if (!input) return []
    inputs.push({ name: nameOf(supply), source: input })
  }
  return inputs
}

/** The same in the older `Power`, in one request. Of both properties only the input: an output has lost what the supply loses. */
export function olderSupplyInputs(power: Json, path: string): readonly SupplySource[] {
  const supplies = itemsOf(power, 'PowerSupplies').filter((supply) => !isAbsent(supply))
  const inputs = supplies.flatMap((supply, index) => {
    const name = nameOf(supply)
    const key = keyOf(supply, index)
    const wattsIn = (resource: Json): Json =>
      inputOf(itemsOf(resource, 'PowerSupplies').find((one, at) => keyOf(one, at) === key) ?? null)
    const source = wattSource(power, wattsIn, { path, label: `PowerSupplies "${name}".PowerInputWatts` })
    return source === null ? [] : [{ name, source }]
  })
  return inputs.length === supplies.length ? inputs : []
}

/** What all supplies that are plugged in can give together, in W. Null where one does not tell. */
export async function ratedW(get: Get, chassis: Json): Promise<number | null> {
  const ratings = (await supplyRatingsW(get, chassis)) ?? []
  const known = ratings.filter((watts) => watts !== null)
  if (known.length === 0 || known.length < ratings.length) return null
  return known.reduce((sum, watts) => sum + watts, 0)
}

/** What each supply that is plugged in can give, in W: those of `Power`, else the supplies themselves. Null where none are told. */
export async function supplyRatingsW(get: Get, chassis: Json): Promise<readonly (number | null)[] | null> {
  const older = itemsOf(await optional(get, linkOf(chassis, 'Power')), 'PowerSupplies')
  const ratings = older.length > 0 ? older.map(ratingW) : await newerRatings(get, chassis)
  const present = ratings?.filter((rating) => rating !== 'none') ?? []
  return present.length > 0 && present.length <= MOST_LISTED ? present : null
}

async function newerRatings(get: Get, chassis: Json): Promise<readonly Rating[] | null> {
  const subsystem = await optional(get, linkOf(chassis, 'PowerSubsystem'))
  return pluggedIn(get, linkOf(subsystem, 'PowerSupplies'), MOST_SUPPLIES, ratingW)
}

/** Of a supply that does not say, and of none. */
type Rating = number | null | 'none'

function ratingW(supply: Json): Rating {
  if (isAbsent(supply)) return 'none'
  const ranges = itemsOf(supply, 'InputRanges')
    .slice(0, MOST_RANGES)
    .map((range) => wattsIn(range, 'OutputWattage'))
  const watts = wattsIn(supply, 'PowerCapacityWatts') ?? Math.max(...ranges.map((one) => one ?? 0))
  return watts >= LEAST_RATED_W && watts <= MOST_RATED_W ? Math.round(watts) : null
}

function wattsIn(resource: Json, key: string): number | null {
  const value = dig(resource, key)
  return value === null ? null : Number(value)
}

/** Names are alike on some controllers. */
const keyOf = (supply: Json, index: number): string =>
  textOf(supply, '@odata.id') || textOf(supply, 'MemberId') || `${index}`

const isAbsent = (supply: Json): boolean => ['Absent', 'Disabled'].includes(textOf(supply, 'Status', 'State'))

const metricSource = (metrics: Json, path: string): Source | null =>
  sensorSource(metrics, (resource) => dig(resource, 'InputPowerWatts'), {
    path,
    quantity: 'Power',
    label: 'PowerSupplyMetrics InputPowerWatts',
  })

/** Some firmware writes the supply's rating here. */
function inputOf(supply: Json): Json {
  const value = dig(supply, 'PowerInputWatts') ?? dig(supply, 'Oem', 'Huawei', 'PowerInputWatts')
  const ratings = [
    dig(supply, 'PowerCapacityWatts'),
    ...itemsOf(supply, 'InputRanges').map((one) => dig(one, 'OutputWattage')),
  ]
  const isRating = ratings.some((rating) => numberOf(rating) !== null && String(rating) === String(value))
  return isRating ? null : value
}

const nameOf = (supply: Json): string =>
  textOf(supply, 'Name') || textOf(supply, 'MemberId') || textOf(supply, 'Id') || 'supply'
