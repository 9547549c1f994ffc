import type { ByBasis, CarbonTotals, EmissionAccount } from './carbon.ts'

/** Emissions in µg and water in µl, as they were booked. */
export interface Footprint {
  readonly co2eUg: Readonly<Record<EmissionAccount, ByBasis>>
  readonly siteWaterUl: bigint
  readonly gridWaterUl: bigint
}

/** Names of the figures of a footprint, in the order of `figuresOf`. */
export const FIGURES = [
  'location/direct',
  'location/life-cycle',
  'market/direct',
  'market/life-cycle',
  'embodied/direct',
  'embodied/life-cycle',
  'water/site',
  'water/grid',
] as const

/** Whether a figure is of the making of the machine, which follows what is reserved and not what is used. */
export function isOfMaking(index: number): boolean {
  return FIGURES[index]?.startsWith('embodied/') ?? false
}

export const NO_FIGURES: readonly bigint[] = FIGURES.map(() => 0n)
export const NO_FOOTPRINT: Footprint = footprintOf(NO_FIGURES)

/** What the books have of the machine. */
export function bookedIn({ bookedUg, siteWaterUl, gridWaterUl }: CarbonTotals): Footprint {
  return { co2eUg: bookedUg, siteWaterUl, gridWaterUl }
}

export function figuresOf({ co2eUg, siteWaterUl, gridWaterUl }: Footprint): bigint[] {
  const { location, market, embodied } = co2eUg
  const masses = [location, market, embodied].flatMap((mass) => [mass.direct, mass['life-cycle']])
  return [...masses, siteWaterUl, gridWaterUl]
}

export function footprintOf(figures: readonly bigint[]): Footprint {
  const at = (index: number) => figures[index] ?? 0n
  return {
    co2eUg: {
      location: { direct: at(0), 'life-cycle': at(1) },
      market: { direct: at(2), 'life-cycle': at(3) },
      embodied: { direct: at(4), 'life-cycle': at(5) },
    },
    siteWaterUl: at(6),
    gridWaterUl: at(7),
  }
}

export function bothFigures(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  return a.map((figure, index) => figure + (b[index] ?? 0n))
}

export function figuresLess(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  return a.map((figure, index) => figure - (b[index] ?? 0n))
}
