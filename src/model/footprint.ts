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

const WATER = FIGURES.indexOf('water/site')
const OF_MAKING = FIGURES.map((name) => name.startsWith('embodied/'))

/** Whether a figure is of the making of the machine, which follows what is reserved and not what is used. */
export function isOfMaking(index: number): boolean {
  return OF_MAKING[index] ?? false
}

export const NO_FIGURES: readonly bigint[] = FIGURES.map(() => 0n)
export const NO_FOOTPRINT: Footprint = footprintOf(NO_FIGURES)

/** What the books have of the machine. */
export function bookedIn({ bookedUg, siteWaterUl, gridWaterUl }: CarbonTotals): Footprint {
  return { co2eUg: bookedUg, siteWaterUl, gridWaterUl }
}

export function figuresOf({ co2eUg, siteWaterUl, gridWaterUl }: Footprint): bigint[] {
  const { location, market, embodied } = co2eUg
  return [
    location.direct,
    location['life-cycle'],
    market.direct,
    market['life-cycle'],
    embodied.direct,
    embodied['life-cycle'],
    siteWaterUl,
    gridWaterUl,
  ]
}

/** One of them alone. */
export function figureOf({ co2eUg, siteWaterUl, gridWaterUl }: Footprint, index: number): bigint {
  if (index === WATER) return siteWaterUl
  if (index > WATER) return gridWaterUl
  const mass = index < 2 ? co2eUg.location : index < 4 ? co2eUg.market : co2eUg.embodied
  return index % 2 === 0 ? mass.direct : mass['life-cycle']
}

/** @param before what of it is the same stays the same object: of the accounts of emissions most machines have some without any */
export function footprintOf(figures: readonly bigint[], before?: Footprint): Footprint {
  return {
    co2eUg: {
      location: basesOf(figures, 0, before?.co2eUg.location),
      market: basesOf(figures, 2, before?.co2eUg.market),
      embodied: basesOf(figures, 4, before?.co2eUg.embodied),
    },
    siteWaterUl: figures[6] ?? 0n,
    gridWaterUl: figures[7] ?? 0n,
  }
}

function basesOf(figures: readonly bigint[], from: number, before: ByBasis | undefined): ByBasis {
  const direct = figures[from] ?? 0n
  const lifeCycle = figures[from + 1] ?? 0n
  if (before !== undefined && before.direct === direct && before['life-cycle'] === lifeCycle) return before
  return { direct, 'life-cycle': lifeCycle }
}

export function bothFigures(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  return a.map((figure, index) => figure + (b[index] ?? 0n))
}

/** Adds to figures in place: a split does it for each consumer, and most figures are zero. */
export function addFigures(to: bigint[], figures: readonly bigint[]): void {
  for (let index = 0; index < to.length; index++) {
    const figure = figures[index] ?? 0n
    if (figure !== 0n) to[index] = (to[index] ?? 0n) + figure
  }
}

export function figuresLess(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  return a.map((figure, index) => figure - (b[index] ?? 0n))
}
