import { type CoefficientsFile, type Knowledge, type Samples, samplesOf } from './coefficients.ts'
import { beyondMeasured, featuresOf } from './features.ts'
import type { Platform } from './platform.ts'
import { tableReader } from './table.ts'
import { LEVELS, logWatts } from './wall-model.ts'

const coefficients = tableReader<CoefficientsFile>('coefficients')

/** The like of `WallPower.factors` for each thread of a host that is not seen. */
export const SHARE_FACTORS: readonly number[] = coefficients().shareInterval.map(Math.exp)

const { servers, cpuModels, from, to } = coefficients().measured
/** What the model was fitted to, for people. */
export const FITTED_TO = `${servers} servers with ${cpuModels} models of processors, ${from} to ${to} (SPECpower_ssj2008)`

/** Power of a whole machine at the plug, at 0, 10, ..., 100 % of its throughput. */
export interface WallPower {
  readonly knowledge: Knowledge
  /** Never falls from level to level. */
  readonly watts: readonly number[]
  /** 95 in 100 machines lie between power / factor and power · factor, at each level. */
  readonly factors: readonly number[]
}

/*
 * No machine is far from the sum of its parts: of the servers that were measured full load is 0.5 to 5 times what the
 * processors' TDP and 0.3 W for each GiB come to, and idle 9 to 77 % of full load.
 */
const PER_GIB_W = 0.3
const LEAST_OF_PARTS = 0.3
const MOST_OF_PARTS = 6
const LEAST_IDLE = 0.02

/** Runs once for a machine: it compares it with every server that was measured. */
export function wallPower(platform: Platform): WallPower {
  const file = coefficients()
  const samples = samplesOf(file)
  const beyond = beyondMeasured(platform)
  const logs = logWatts(file, featuresOf(platform), samples.features, samples.weights).map(
    (log) => log + Math.log(beyond),
  )
  const partsW = platform.tdpW * platform.chips + PER_GIB_W * platform.memoryGib
  const fullW = clamp(Math.exp(logs[LEVELS - 1] ?? 0), LEAST_OF_PARTS * partsW, MOST_OF_PARTS * partsW)
  let atLeastW = LEAST_IDLE * fullW
  const watts = logs.map((log) => {
    atLeastW = clamp(Math.exp(log), atLeastW, fullW)
    return atLeastW
  })
  const knowledge = beyond === 1 ? knowledgeOf(platform, samples) : 'nothing'
  return { knowledge, watts, factors: file.intervals[knowledge].map(Math.exp) }
}

function knowledgeOf({ processor }: Platform, { features }: Samples): Knowledge {
  const { match, key } = processor
  const isMeasured = features.some(({ generation }) => generation === processor.generation?.name)
  if (match === 'none' || (match === 'generation' && !isMeasured)) return 'nothing'
  if (match === 'generation') return 'generation'
  if (!isMeasured) return 'foreign'
  return features.some(({ cpu }) => cpu === key) ? 'measured' : 'listed'
}

function clamp(value: number, least: number, most: number): number {
  return Number.isNaN(value) ? least : Math.min(most, Math.max(least, value))
}
