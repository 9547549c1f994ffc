import type { MachineParts } from '../../machine/machine-parts.ts'
import { fault } from '../../model/config-fault.ts'
import type { Amortised } from './amortisation.ts'
import { inventoryOf } from './inventory.ts'

/** A study of the whole life, in kg CO₂e; null for a stage that it does not tell. */
export interface StudiedStages {
  readonly manufacturing_kg: number | null
  readonly transport_kg: number | null
  /** For the record: the use is measured. */
  readonly use_kg: number | null
  readonly end_of_life_kg: number | null
}

/** Figures that the operator knows better: `carbon.embodied` as a mapping. */
export interface KnownEmbodied {
  readonly total_kg: number | null
  readonly source: string | null
  readonly lifetime_years: number
  readonly commissioned: string | null
  readonly remaining_kg: number | null
  readonly stages: StudiedStages | null
}

export type EmbodiedSettings = 'auto' | 'none' | KnownEmbodied

/** Emissions of making this machine, and how they are spread over its life. */
export interface Embodied {
  readonly kg: number
  /** Bounds of the 95 % interval. */
  readonly lowKg: number
  readonly highKg: number
  readonly source: string
  readonly dataQuality: number
  /** The emissions to spread: all of them, or the rest that a refurbished machine has left. */
  readonly balanceKg: number
  readonly lifetimeYears: number
  readonly commissioned: string | null
}

/**
 * Servers are written off in 4 years: the default of Boavizta (35,040 h), of Cloud Carbon Footprint and of the SCI's
 * example.
 */
const LIFETIME_YEARS = 4

const UNKNOWN: KnownEmbodied = {
  total_kg: null,
  source: null,
  lifetime_years: LIFETIME_YEARS,
  commissioned: null,
  remaining_kg: null,
  stages: null,
}

/** Vendors state ± 100 % on product figures of servers (Boavizta's collection, median of 42): a ratio of 2. */
export const PRODUCT_SPREAD = 2

/** Null where the machine has no embodied carbon of its own, or none is counted. */
export function embodiedOf(settings: EmbodiedSettings, parts: MachineParts): Embodied | null {
  if (settings === 'none') return null
  const known = settings === 'auto' ? UNKNOWN : settings
  const figure = productFootprint(known) ?? (parts.isVirtual ? null : inventoryFootprint(parts))
  if (figure === null) return null
  const { lifetime_years: lifetimeYears, commissioned, remaining_kg } = known
  return { ...figure, balanceKg: remaining_kg ?? figure.kg, lifetimeYears, commissioned }
}

const KEY = 'carbon.embodied.stages.manufacturing_kg'

/** The making is counted once: two figures of it that differ are a mistake. Throws a ConfigFault. */
export function checkEmbodied(settings: EmbodiedSettings): void {
  if (typeof settings === 'string') return
  const [total, made] = [settings.total_kg, settings.stages?.manufacturing_kg ?? null]
  if (total === null || made === null || total === made) return
  throw fault(KEY, `expected ${total}, which total_kg says the making is, received ${made}: leave one of them out`)
}

type Total = Pick<Embodied, 'kg' | 'lowKg' | 'highKg' | 'source' | 'dataQuality'>

/** The configured figure of the whole machine wins over any formula. */
function productFootprint({ total_kg, remaining_kg, source, stages }: KnownEmbodied): Total | null {
  const kg = total_kg ?? stages?.manufacturing_kg ?? remaining_kg
  if (kg === null) return null
  return {
    kg,
    lowKg: kg / PRODUCT_SPREAD,
    highKg: kg * PRODUCT_SPREAD,
    source: source ?? 'configuration',
    dataQuality: 1,
  }
}

const SOURCE = 'inventory of its parts'

function inventoryFootprint(parts: MachineParts): Total {
  const { kg, lowKg, highKg, components } = inventoryOf(parts)
  const isTold = Object.values(parts.knownBy).includes('told')
  const dataQuality = components.reduce((sum, one) => sum + one.share * one.dataQuality, 0)
  return {
    kg,
    lowKg,
    highKg,
    source: isTold ? `${SOURCE}, as its controller tells` : SOURCE,
    dataQuality: Math.round(dataQuality),
  }
}

const UG_PER_KG = 1e9
const MS_PER_YEAR = 8_760 * 3_600_000

export function amortised({ balanceKg, lifetimeYears, commissioned }: Embodied): Amortised {
  return {
    totalUg: BigInt(Math.round(balanceKg * UG_PER_KG)),
    lifetimeMs: Math.round(lifetimeYears * MS_PER_YEAR),
    startsUnixMs: commissioned === null ? null : Date.parse(commissioned),
  }
}
