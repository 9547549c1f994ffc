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
  readonly servers: readonly ServerLine[]
}

/**
 * What is known of a machine's processors: the very model was measured in another machine, its figures are in a catalogue
 * and its generation was measured or was not, only the generation can be told, or nothing.
 */
export type Knowledge = 'measured' | 'listed' | 'foreign' | 'generation' | 'nothing'

export const COLUMNS =
  'generation, maker, line, model; TDP, processors, cores, threads, GiB, base and boost MHz, year of generation, year; weights of full load, idle and each level between'

/** A server that was measured, as `COLUMNS` says. The weights between are none where nothing was measured there. */
export type ServerLine = readonly [Names, Sizes, Weighed]

type Names = readonly (string | null)[]
type Sizes = readonly number[]
type Weighed = readonly number[]

export interface Samples {
  readonly features: readonly Features[]
  readonly weights: readonly Weights[]
}

export function samplesOf({ servers }: Pick<CoefficientsFile, 'servers'>): Samples {
  return { features: servers.map(featuresOfLine), weights: servers.map(weightsOfLine) }
}

/** Runs for each server whenever a machine is first seen: by index, since taking lists apart costs milliseconds. */
function featuresOfLine({ 0: names, 1: sizes }: ServerLine): Features {
  const size = (index: number): number => sizes[index] ?? 0
  const generation = names[0] ?? null
  const key = names[3] ?? null
  return featuresOf({
    processor: {
      key: key ?? '',
      match: key === null ? 'none' : 'exact',
      generation: generation === null ? null : { name: generation, year: size(7) },
      specification: null,
    },
    tdpW: size(0),
    chips: size(1),
    cores: size(2),
    threads: size(3),
    memoryGib: size(4),
    baseMhz: size(5),
    boostMhz: size(6),
    generationYear: size(7),
    year: size(8),
    maker: names[1] ?? null,
    line: names[2] ?? null,
  })
}

function weightsOfLine({ 2: weights }: ServerLine): Weights {
  return { full: weights[0] ?? 0, idle: weights[1] ?? 0, between: weights.length > 2 ? weights.slice(2) : null }
}
