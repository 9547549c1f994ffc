import { UJ_PER_KWH } from '../../model/units.ts'

const PPM = 1_000_000n
const UG_PER_MG = 1_000n
/** µJ · mg/kWh · ppm in one µg. */
const PRODUCT_PER_UG = (UJ_PER_KWH * PPM) / UG_PER_MG

/**
 * Emissions of energy in whole µg, rounded down. Calculated for all energy of a slot at once, so that they do not
 * depend on how the energy was divided or in what order it came.
 */
export function emissionsUg(energyUj: bigint, mgPerKwh: bigint, puePpm: bigint): bigint {
  return (energyUj * mgPerKwh * puePpm) / PRODUCT_PER_UG
}
