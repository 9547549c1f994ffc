import type { Logger } from '../../model/logger.ts'
import { UJ_PER_KWH } from '../../model/units.ts'
import { countries } from '../zone/iso-3166.ts'
import { GRID_WATER_SOURCE, gridWaterFactor } from './grid-factors.ts'

export interface WaterConfig {
  /** Water usage effectiveness of the site in L per kWh of IT energy (ISO/IEC 30134-9); null: not known. */
  readonly wue: number | null
  /**
   * Water consumed where the electricity is generated: by `carbon.zone`, not at all, or a figure that you vouch for.
   */
  readonly grid: 'auto' | 'none' | { readonly l_per_kwh: number; readonly reference: string }
}

/** Whole microlitres. Null: no factor is known, which is not zero. */
export interface Litres {
  readonly siteUl: bigint | null
  readonly gridUl: bigint | null
}

/** The factors in use, for people. */
export interface WaterDescription {
  readonly siteLPerKwh: number | null
  readonly gridLPerKwh: number | null
  /** Where the grid's figure is from: `WRI 2020 DEU`, or the configured reference. */
  readonly gridSource: string | null
}

/** Turns energy into water. Called once per portion of node energy. */
export interface WaterFactors {
  /**
   * `energyUj` is the machine's, before PUE. The site's water follows it; the grid's follows the site's draw, PUE
   * included.
   */
  litresOf(energyUj: bigint, puePpm: bigint): Litres
  readonly describe: WaterDescription
}

/** The water that a configuration describes. `zone` is `carbon.zone`. */
export function createWater({ wue, grid }: WaterConfig, zone: string | null, logger: Logger): WaterFactors {
  const known = typeof grid === 'object' ? { lPerKwh: grid.l_per_kwh, source: grid.reference } : ofZone(zone)
  const counted = grid === 'none' ? null : known
  if (grid === 'auto' && counted === null) {
    const place = zone === null ? 'carbon.zone is not set' : `no factor is known for ${zone}`
    logger.info(
      { event: 'water_grid_unknown', zone },
      `water of the grid is not counted: ${place}. Set carbon.water.grid to { l_per_kwh, reference }, or to none`,
    )
  }
  return new Water({
    siteLPerKwh: wue,
    gridLPerKwh: counted?.lPerKwh ?? null,
    gridSource: counted?.source ?? null,
  })
}

function ofZone(zone: string | null): { readonly lPerKwh: number; readonly source: string } | null {
  const code = zone?.toUpperCase()
  const alpha3 = countries().find((country) => country.alpha2 === code || country.alpha3 === code)?.alpha3
  const lPerKwh = alpha3 === undefined ? null : gridWaterFactor(alpha3)
  return lPerKwh === null ? null : { lPerKwh, source: `${GRID_WATER_SOURCE} ${alpha3}` }
}

const PPM = 1_000_000n

class Water implements WaterFactors {
  readonly describe: WaterDescription
  readonly #site: Tap | null
  readonly #grid: Tap | null

  constructor(describe: WaterDescription) {
    this.describe = describe
    this.#site = describe.siteLPerKwh === null ? null : new Tap(describe.siteLPerKwh)
    this.#grid = describe.gridLPerKwh === null ? null : new Tap(describe.gridLPerKwh)
  }

  litresOf(energyUj: bigint, puePpm: bigint): Litres {
    return {
      siteUl: this.#site?.draw(energyUj, PPM) ?? null,
      gridUl: this.#grid?.draw(energyUj, puePpm) ?? null,
    }
  }
}

/** Whole microlitres. Remainders are carried on, so that the sum does not depend on how energy is split. */
class Tap {
  readonly #ulPerKwh: bigint
  /** In µJ · µL/kWh · ppm. */
  #remainder = 0n

  constructor(lPerKwh: number) {
    this.#ulPerKwh = BigInt(Math.round(lPerKwh * 1e6))
  }

  draw(energyUj: bigint, puePpm: bigint): bigint {
    const product = this.#remainder + energyUj * this.#ulPerKwh * puePpm
    this.#remainder = product % (UJ_PER_KWH * PPM)
    return product / (UJ_PER_KWH * PPM)
  }
}
