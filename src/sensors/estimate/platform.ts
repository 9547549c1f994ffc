import { clockOf } from './cpu-name.ts'
import type { Generation } from './generations.ts'
import { lineOf, makerOf } from './maker.ts'
import { findProcessor, type KnownProcessor } from './processors.ts'

/** What is seen of a machine: `null` where it is not. */
export interface Seen {
  /** As the kernel or a publication writes it. */
  readonly cpu: string
  readonly chips: number
  readonly cores: number
  readonly threads: number
  readonly memoryGib: number
  /** Vendor and product of the server. */
  readonly product: string | null
  /** In which the server was sold. */
  readonly year: number | null
  /** Of one processor; the table of processors comes before it. */
  readonly tdpW: number | null
  readonly baseMhz: number | null
  /** What else tells the generation of the processors, where their name does not. */
  readonly generation?: Generation | null | undefined
}

/** What the model knows of a machine. */
export interface Platform {
  readonly processor: KnownProcessor
  readonly chips: number
  readonly cores: number
  readonly threads: number
  readonly memoryGib: number
  readonly tdpW: number
  readonly baseMhz: number
  readonly boostMhz: number
  readonly generationYear: number
  readonly year: number
  readonly maker: string | null
  readonly line: string | null
}

/** A processor of which nothing is known: per core what the median of the table draws. */
const USUAL = { wPerCore: 8, leastTdpW: 35, mostTdpW: 250, baseMhz: 2400, year: 2017 }
/** Turbo clocks that are not known: as much over the base clock as is usual. */
const BOOST = 1.15
/** A server is sold up to this long after the first of its processors. */
const MOST_YEARS_LATER = 6

export function platformOf(seen: Seen): Platform {
  const processor = findProcessor(seen.cpu, seen.generation ?? null)
  const { specification, generation } = processor
  const chips = Math.max(1, seen.chips)
  const cores = Math.max(chips, seen.cores)
  const generationYear = generation?.year ?? seen.year ?? USUAL.year
  const perCoreW = (USUAL.wPerCore * cores) / chips
  const baseMhz = specification?.baseMhz ?? clockOf(seen.cpu) ?? seen.baseMhz ?? USUAL.baseMhz
  const known = processor.match === 'generation' ? null : specification
  return {
    processor,
    chips,
    cores,
    threads: Math.max(cores, seen.threads),
    memoryGib: Math.max(0.1, seen.memoryGib),
    tdpW:
      known?.tdpW ?? seen.tdpW ?? specification?.tdpW ?? Math.min(USUAL.mostTdpW, Math.max(USUAL.leastTdpW, perCoreW)),
    baseMhz,
    boostMhz: specification?.boostMhz ?? baseMhz * BOOST,
    generationYear,
    year: Math.min(Math.max(seen.year ?? generationYear, generationYear), generationYear + MOST_YEARS_LATER),
    maker: makerOf(seen.product),
    line: lineOf(seen.product),
  }
}
