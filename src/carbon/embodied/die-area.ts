import type { Processor } from '../../machine/processor.ts'
import { assumed, type Input } from './footprint.ts'

interface Dies {
  readonly vendor: string
  readonly family: number
  readonly models: readonly number[]
  /** Total area in mm² for up to so many cores, as published with the die shots or at the launch. */
  readonly area: readonly (readonly [maxCores: number, mm2: number])[]
}

const INTEL = 'GenuineIntel'
const AMD = 'AuthenticAMD'

/** Server processors. Chiplets and the die for input and output are summed up. */
const KNOWN: readonly Dies[] = [
  // Skylake, Cascade Lake: LCC, HCC, XCC.
  {
    vendor: INTEL,
    family: 6,
    models: [85],
    area: [
      [10, 325],
      [18, 485],
      [28, 694],
    ],
  },
  // Sapphire Rapids: MCC, four tiles of XCC.
  {
    vendor: INTEL,
    family: 6,
    models: [143],
    area: [
      [34, 763],
      [60, 1576],
    ],
  },
  // Naples: four dies of 213 mm².
  { vendor: AMD, family: 23, models: [1], area: [[32, 852]] },
  // Rome and Milan: 416 mm² for input and output, and eight chiplets of 74 or 81 mm².
  { vendor: AMD, family: 23, models: [49], area: [[64, 1008]] },
  { vendor: AMD, family: 25, models: [1], area: [[64, 1064]] },
  // Genoa: 397 mm² and twelve chiplets of 72 mm².
  { vendor: AMD, family: 25, models: [17], area: [[96, 1261]] },
]

/** A smaller model of a family may have fewer or smaller dies, and a bigger die with cores switched off. */
const FAMILY_SPREAD = 1.4

/** mm² per core of the known families: 13 (96 cores of Genoa) to 41 (8 cores on the small die of Skylake). */
const MM2_PER_CORE = assumed(13, 41)

/** A processor of which nothing is known: from a small one to a big one. */
const ANY = assumed(200, 1600)

/** Area of all dies of one processor in mm². */
export function dieArea({ vendor, family, model, cores }: Processor): Input {
  const dies = KNOWN.find((one) => one.vendor === vendor && one.family === family && one.models.includes(model))
  const found = cores === null ? undefined : dies?.area.find(([maxCores]) => cores <= maxCores)
  if (found !== undefined) return { value: found[1], low: found[1] / FAMILY_SPREAD, high: found[1] * FAMILY_SPREAD }
  if (cores === null) return ANY
  const { value, low, high } = MM2_PER_CORE
  return { value: cores * value, low: cores * low, high: cores * high }
}
