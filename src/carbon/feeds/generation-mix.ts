import type { IntensityBasis } from '../../model/carbon.ts'

/** `storage` gives back energy that was counted when it was generated; `other` is a fuel without a name. */
export type Fuel = keyof typeof FACTORS | 'storage' | 'other'

/**
 * Medians in g CO₂e/kWh: IPCC AR5, working group III, annex III, table A.III.2. Oil is not in it: 650 is the UK
 * Parliamentary Office of Science and Technology's life-cycle figure (POSTnote 383), an upper bound for its direct one.
 * Carbon of biomass itself is biogenic, which the GHG Protocol reports apart.
 */
const FACTORS = {
  coal: { 'life-cycle': 820, direct: 760 },
  gas: { 'life-cycle': 490, direct: 370 },
  oil: { 'life-cycle': 650, direct: 650 },
  biomass: { 'life-cycle': 230, direct: 0 },
  solar: { 'life-cycle': 48, direct: 0 },
  geothermal: { 'life-cycle': 38, direct: 0 },
  hydro: { 'life-cycle': 24, direct: 0 },
  marine: { 'life-cycle': 17, direct: 0 },
  nuclear: { 'life-cycle': 12, direct: 0 },
  'wind-onshore': { 'life-cycle': 11, direct: 0 },
  'wind-offshore': { 'life-cycle': 12, direct: 0 },
} as const

/** With a larger share of unknown fuels the known ones say nothing about the whole. */
const MOST_OTHER = 0.2

/**
 * Mean intensity of generation in g/kWh, from energy or power by fuel in one unit. `other` counts as the mean of the
 * rest. A negative amount is a plant's own use and counts as zero. Null when too little is known.
 */
function mixIntensity(generation: ReadonlyMap<Fuel, number>, basis: IntensityBasis): number | null {
  let [known, other, grams] = [0, 0, 0]
  for (const [fuel, amount] of generation) {
    if (amount <= 0 || fuel === 'storage') continue
    if (fuel === 'other') {
      other += amount
    } else {
      known += amount
      grams += amount * FACTORS[fuel][basis]
    }
  }
  return known > 0 && other / (known + other) <= MOST_OTHER ? grams / known : null
}

/** A fuel that is reported for the first time today must not void the days before. */
const COMPARED_MS = 24 * 3_600_000

/**
 * Intensities in g/kWh by time, from amounts by the interface's own codes; a code that is not in `fuels` is `other`.
 * Fuels are published one after the other, and a time whose gas is missing would look clean: a time with fewer codes
 * than the fullest within a day is left out.
 */
export function mixIntensities(
  amounts: ReadonlyMap<number, ReadonlyMap<string, number>>,
  fuels: Readonly<Record<string, Fuel>>,
  basis: IntensityBasis,
): Map<number, number> {
  const intensities = new Map<number, number>()
  const all = [...amounts]
  for (const [unixMs, byCode] of all) {
    const isFuller = ([other, { size }]: (typeof all)[number]) =>
      size > byCode.size && Math.abs(other - unixMs) <= COMPARED_MS
    const isComplete = !all.some(isFuller)
    const gPerKwh = isComplete ? mixIntensity(byFuel(byCode, fuels), basis) : null
    if (gPerKwh !== null) intensities.set(unixMs, gPerKwh)
  }
  return intensities
}

function byFuel(amounts: ReadonlyMap<string, number>, fuels: Readonly<Record<string, Fuel>>): Map<Fuel, number> {
  const sums = new Map<Fuel, number>()
  for (const [code, amount] of amounts) {
    const fuel = fuels[code] ?? 'other'
    sums.set(fuel, (sums.get(fuel) ?? 0) + Math.max(0, amount))
  }
  return sums
}
