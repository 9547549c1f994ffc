import type { Platform } from './platform.ts'

/** A machine as the model compares it with others. */
export interface Features {
  /** Logarithms of sizes, years in units of six, and properties that hold or do not: each about 0 and within some units. */
  readonly values: readonly number[]
  /** What it has in common with others or not; null where it is not known. */
  readonly generation: string | null
  readonly maker: string | null
  readonly line: string | null
  readonly cpu: string | null
}

/** The spread of each size over the servers that were measured: outside of it the model says what it does at its edge. */
const LEAST = { tdpW: 25, memoryGib: 2, cores: 2, gibPerCore: 0.25, mhz: 1000 }
const MOST = { tdpW: 2800, memoryGib: 4096, cores: 512, gibPerCore: 32, mhz: 5500 }

const within = (value: number, size: keyof typeof LEAST): number => Math.min(MOST[size], Math.max(LEAST[size], value))

/** By how their names begin. */
const AMD = new Set(['epyc', 'opte', 'ryze'])

export function featuresOf(platform: Platform): Features {
  const { chips, threads, processor } = platform
  const cores = within(platform.cores, 'cores')
  const memory = Math.log(within(platform.memoryGib, 'memoryGib') / 32)
  const year = (platform.year - 2014) / 6
  const generationYear = (platform.generationYear - 2014) / 6
  return {
    values: [
      Math.log(within(platform.tdpW * chips, 'tdpW') / 200),
      memory,
      Math.log(cores / 16),
      Math.log(Math.min(8, chips) / 2),
      year,
      year ** 2,
      generationYear,
      generationYear ** 2,
      Math.log(within(platform.baseMhz, 'mhz') / 2400),
      Math.min(threads / platform.cores, 2) - 1.5,
      Math.log(within(platform.boostMhz, 'mhz') / 3200),
      AMD.has(processor.key.slice(0, 4)) ? 1 : 0,
      chips === 1 ? 1 : 0,
      chips >= 4 ? 1 : 0,
      Math.log(within(platform.memoryGib / cores, 'gibPerCore')),
      memory ** 2,
    ],
    generation: processor.generation?.name ?? null,
    maker: platform.maker,
    line: platform.line,
    cpu: processor.match === 'none' ? null : processor.key,
  }
}

/** Smaller and larger than any that was measured: what is beyond the edge is in proportion to the TDP. 1 for one within. */
export function beyondMeasured({ tdpW, chips }: Pick<Platform, 'tdpW' | 'chips'>): number {
  return (tdpW * chips) / within(tdpW * chips, 'tdpW')
}
