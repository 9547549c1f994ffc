import type { MachineParts } from '../../machine/machine-parts.ts'
import type { Amortised } from './amortisation.ts'
import { type Inventory, inventoryOf } from './inventory.ts'

/** Figures that the operator knows better: `carbon.embodied` as a mapping. */
export interface KnownEmbodied {
  readonly total_kg: number | null
  readonly source: string | null
  readonly lifetime_years: number
  readonly commissioned: string | null
  readonly remaining_kg: number | null
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
}

/** Vendors state ± 100 % on product figures of servers (Boavizta's collection, median of 42): a ratio of 2. */
const PRODUCT_SPREAD = 2

/** Null where the machine has no embodied carbon of its own, or none is counted. */
export function embodiedOf(settings: EmbodiedSettings, parts: MachineParts): Embodied | null {
  if (settings === 'none') return null
  const known = settings === 'auto' ? UNKNOWN : settings
  const figure = productFootprint(known) ?? (parts.isVirtual ? null : inventoryFootprint(inventoryOf(parts)))
  if (figure === null) return null
  const { lifetime_years: lifetimeYears, commissioned, remaining_kg } = known
  return { ...figure, balanceKg: remaining_kg ?? figure.kg, lifetimeYears, commissioned }
}

type Total = Pick<Embodied, 'kg' | 'lowKg' | 'highKg' | 'source' | 'dataQuality'>

/** The configured figure of the whole machine wins over any formula. */
function productFootprint({ total_kg, remaining_kg, source }: KnownEmbodied): Total | null {
  const kg = total_kg ?? remaining_kg
  if (kg === null) return null
  return {
    kg,
    lowKg: kg / PRODUCT_SPREAD,
    highKg: kg * PRODUCT_SPREAD,
    source: source ?? 'configuration',
    dataQuality: 1,
  }
}

function inventoryFootprint({ kg, lowKg, highKg, components }: Inventory): Total {
  const dataQuality = components.reduce((sum, one) => sum + one.share * one.dataQuality, 0)
  return { kg, lowKg, highKg, source: 'inventory of its parts', dataQuality: Math.round(dataQuality) }
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
