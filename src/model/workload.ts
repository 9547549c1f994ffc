import type { IntensityBasis } from './carbon.ts'
import type { Quality } from './posting.ts'

/** What a server counts. */
export type WorkloadUnit = 'request' | 'prompt_token' | 'output_token'

/** Whose energy it is: of the accelerators, of the whole machine, or of the machine with its share of the building. */
export type WorkloadBoundary = 'gpu' | 'machine' | 'machine-with-pue'

/** A workload as a scrape shows it. Everything counts from the start of this process on. */
export interface WorkloadSnapshot {
  readonly name: string
  readonly boundary: WorkloadBoundary
  /** Its server answered when it was last asked. */
  readonly isUp: boolean
  /** Of the time in which both its units and its energy are known. */
  readonly total: WorkloadTotal
  /** Time since its first answer in which one of both is not known. */
  readonly unaccountedNs: bigint
  /** Times that its counters began anew. */
  readonly restarts: number
  readonly windows: readonly WorkloadWindow[]
}

/** Units are doubles, as Prometheus counts them: exact up to 2⁵³. Units that nobody counts are left out. */
export type WorkloadUnits = Readonly<Partial<Record<WorkloadUnit, number>>>

export interface WorkloadTotal {
  readonly units: WorkloadUnits
  /** Within its boundary, by how it was obtained. */
  readonly energyUj: Readonly<Partial<Record<Quality, bigint>>>
  /** By location, in nanograms: an interval of an idle card emits less than a microgram can tell. */
  readonly locationNg: Readonly<Partial<Record<IntensityBasis, bigint>>>
  /** The making of what is inside its boundary; null where that is not known. */
  readonly embodiedNg: bigint | null
}

export interface WorkloadWindow {
  /** As it is configured: `5m`. */
  readonly window: string
  readonly total: WorkloadTotal
}
