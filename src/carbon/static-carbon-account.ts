import type { CarbonAccount, Emissions, Intensity } from '../model/carbon.ts'
import type { Logger } from '../model/logger.ts'
import { UJ_PER_KWH } from '../model/units.ts'
import { EMBER_YEAR, emberIntensities, emberYear } from './ember.ts'
import { findZone } from './zone.ts'

const PPM = 1_000_000n
const UG_PER_MG = 1_000n
/** µJ · mg/kWh · ppm in one µg. */
const PRODUCT_PER_UG = (UJ_PER_KWH * PPM) / UG_PER_MG

export interface StaticCarbonOptions {
  /** ISO 3166 code; null for the world average. */
  readonly zone: string | null
  /** Power usage effectiveness, at least 1. */
  readonly pue: number
  readonly logger: Logger
}

/** The yearly average of a zone for every interval. Throws an UnknownZoneError. Warns when it has to take the world's. */
export function staticCarbonAccount({ zone, pue, logger }: StaticCarbonOptions): StaticCarbonAccount {
  const intensity = staticIntensity(zone)
  if (zone === null) {
    const gPerKwh = Number(intensity.mgPerKwh) / 1e3
    logger.warn(
      { event: 'carbon_zone_unset', gPerKwh },
      `carbon.zone is not set: emissions are counted with the world average of ${Math.round(gPerKwh)} g/kWh. Set it to the country's code, such as DE`,
    )
  }
  return new StaticCarbonAccount(intensity, BigInt(Math.round(pue * Number(PPM))))
}

/** The intensity that holds for a zone, an estimate for every year but its own. Throws an UnknownZoneError. */
export function staticIntensity(text: string | null): Intensity {
  const figures = emberIntensities()
  const zone = findZone(text ?? 'WORLD', new Set(Object.keys(figures)))
  const year = emberYear(zone.key)
  return {
    zone: zone.name,
    basis: 'life-cycle',
    mgPerKwh: BigInt(Math.round((figures[zone.key] ?? Number.NaN) * 1e3)),
    source: text === null ? 'world-average' : `static:ember${year === null ? '' : `-${year}`}`,
    status: 'estimated',
    startsUnixMs: Date.UTC(year ?? EMBER_YEAR, 0, 1),
    endsUnixMs: null,
  }
}

/** Location-based emissions at one intensity and one PUE. No contracts and no embodied carbon are known. */
export class StaticCarbonAccount implements CarbonAccount {
  readonly puePpm: bigint
  readonly #intensity: Intensity
  #remainder = 0n

  constructor(intensity: Intensity, puePpm: bigint) {
    this.#intensity = intensity
    this.puePpm = puePpm
  }

  emissionsOf(energyUj: bigint): Emissions {
    // What a division leaves is carried on: a second at 100 W and 50 g/kWh is 1388.9 µg, and the ninths add up.
    const product = energyUj * this.#intensity.mgPerKwh * this.puePpm + this.#remainder
    this.#remainder = product % PRODUCT_PER_UG
    return {
      co2eLocationUg: product / PRODUCT_PER_UG,
      co2eMarketUg: null,
      embodiedUg: null,
      puePpm: this.puePpm,
    }
  }

  intensities(): readonly Intensity[] {
    return [this.#intensity]
  }
}
