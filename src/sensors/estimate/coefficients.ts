import { type Features, featuresOf } from './features.ts'
import type { WallModel, Weights } from './wall-model.ts'

/** What `npm run fit` writes. */
export interface CoefficientsFile extends WallModel {
  /** From what it was made, for people. */
  readonly source: string
  readonly date?: string
  readonly measured: {
    readonly servers: number
    readonly cpuModels: number
    readonly from: number
    readonly to: number
  }
  /** Mean absolute errors in % over all levels, and when idle, of servers that the fit had not seen. */
  readonly errors: Readonly<Record<string, { readonly all: number; readonly idle: number }>>
  /** At each level, natural logarithms of the factor by which 95 % of servers differ at most, by what is known of one. */
  readonly intervals: Readonly<Record<Knowledge, readonly number[]>>
  /** The like for each thread of a host of which nothing is seen but the name of its processors. */
  readonly shareInterval: readonly number[]
  readonly columns: string
  /** A line for each server that was measured. */
  readonly servers: string
}

/**
 * What is known of a machine's processors: the very model was measured in another machine, its figures are in a catalogue,
 * only the generation can be told, or nothing.
 */
export type Knowledge = 'measured' | 'listed' | 'generation' | 'nothing'

export const COLUMNS =
  'TDP;processors;cores;threads;GiB;base MHz;boost MHz;year of generation;year;generation;maker;line;model;weights of full, idle and between'

export interface Samples {
  readonly features: readonly Features[]
  readonly weights: readonly Weights[]
}

export function samplesOf({ servers }: Pick<CoefficientsFile, 'servers'>): Samples {
  const all = servers.split('\n').map(sampleOf)
  return { features: all.map(([features]) => features), weights: all.map(([, weights]) => weights) }
}

function sampleOf(line: string): [Features, Weights] {
  const cells = line.split(';')
  const [tdpW, chips, cores, threads, memoryGib, baseMhz, boostMhz, generationYear, year] = cells
    .slice(0, 9)
    .map(Number)
  const [generation, maker, server, key] = cells.slice(9, 13).map((cell) => cell || null)
  const [full, idle, ...between] = cells.slice(13).map(Number)
  const features = featuresOf({
    processor: {
      key: key ?? '',
      match: key === null ? 'none' : 'exact',
      generation: generation ? { name: generation, year: generationYear ?? 0 } : null,
      specification: null,
    },
    tdpW: tdpW ?? 0,
    chips: chips ?? 1,
    cores: cores ?? 1,
    threads: threads ?? 1,
    memoryGib: memoryGib ?? 1,
    baseMhz: baseMhz ?? 0,
    boostMhz: boostMhz ?? 0,
    generationYear: generationYear ?? 0,
    year: year ?? 0,
    maker: maker ?? null,
    line: server ?? null,
  })
  return [features, { full: full ?? 0, idle: idle ?? 0, between: between.length > 0 ? between : null }]
}
