import type { ChassisKind } from '../../machine/chassis.ts'
import { assumed, type Footprint, footprintOf, type Input, known, partOf } from './footprint.ts'

/*
 * Component formulas of the Boavizta working group (https://doc.api.boavizta.org, "Components"), with the factors of
 * UBA, Green Cloud Computing (2021). Cradle to gate, kg CO₂e.
 */

const SOURCE = 'Boavizta formula, UBA 2021'

const SILICON_KG_PER_MM2 = 0.0197
const CPU_BASE_KG = 9.14

/** One processor, by the area of its dies. */
export function cpu(dieMm2: Input): Footprint {
  return footprintOf((mm2) => mm2 * SILICON_KG_PER_MM2 + CPU_BASE_KG, dieMm2, `${SOURCE}: die area`)
}

const MEMORY_KG_PER_CM2 = 2.2
const DIMM_BASE_KG = 5.22
/** GB per cm² of DRAM, from 30 nm to 18 nm. */
const DRAM_DENSITY = assumed(0.625, 2.375)

/** One memory module of a capacity in GB. The denser its chips, the less silicon. */
export function dimm(gb: number, gbPerCm2: Input = DRAM_DENSITY): Footprint {
  const kg = (areaCm2: number): number => areaCm2 * MEMORY_KG_PER_CM2 + DIMM_BASE_KG
  return footprintOf(kg, areaOf(gb, gbPerCm2), `${SOURCE}: chip area`)
}

const SSD_BASE_KG = 6.34
/** GB per cm² of NAND flash, from 32 to 128 layers. */
const NAND_DENSITY = assumed(16, 128)

/** One solid-state disk of a capacity in GB (10⁹ bytes). */
export function ssd(gb: number, gbPerCm2: Input = NAND_DENSITY): Footprint {
  const kg = (areaCm2: number): number => areaCm2 * MEMORY_KG_PER_CM2 + SSD_BASE_KG
  return footprintOf(kg, areaOf(gb, gbPerCm2), `${SOURCE}: chip area`)
}

/** One hard disk, whatever its capacity. */
export function hdd(): Footprint {
  return flat(31.11)
}

const SUPPLY_KG_PER_KG = 24.3

/** One power supply by its weight: 2.99 kg, from 1 to 5, where it is not known. */
export function supply(weightKg: Input = { value: 2.99, low: 1, high: 5 }): Footprint {
  return footprintOf((weight) => weight * SUPPLY_KG_PER_KG, weightKg, `${SOURCE}: weight`)
}

export function board(): Footprint {
  return flat(66.1)
}

/** The slots of a blade enclosure of 880 kg CO₂e. */
const BLADES = 16
const RACK_KG = 150

/** A chassis for a rack, a blade with its part of the enclosure, or a node's part of a chassis. */
export function chassis(kind: ChassisKind): Footprint {
  if (kind === 'node') return partOf(flat(RACK_KG), NODE_SHARE)
  return flat(kind === 'blade' ? 30.9 + 880 / BLADES : RACK_KG)
}

/** One machine's share of a chassis: of 2 nodes, as in a twin, to 16, as in a blade enclosure. */
export const NODE_SHARE = assumed(1 / 16, 1 / 2)

export function assembly(): Footprint {
  return flat(6.68)
}

function flat(kg: number): Footprint {
  return { ...footprintOf((value) => value, known(kg), `${SOURCE}: flat`), dataQuality: 4 }
}

function areaOf(gb: number, gbPerCm2: Input): Input {
  return { value: gb / gbPerCm2.value, low: gb / gbPerCm2.high, high: gb / gbPerCm2.low }
}
