import type { Refreshed } from '../../io/refresher.ts'

/** Energy that the site uses for each unit of the machine's energy. */
export interface PueStatement {
  readonly puePpm: bigint
  /** Relative standard uncertainty, k = 1. */
  readonly relativeUncertainty: number
  /** For people: `configuration`, `schedule`, `file`, `prometheus`. */
  readonly source: string
}

export interface PueCoverage {
  readonly statement: PueStatement
  readonly untilUnixMs: number
}

/** States the PUE from memory, for every time. Adding one takes a file here, a line in create-pue.ts and its keys. */
export interface PueSource {
  /** Never waits, never throws; `untilUnixMs` is later than `unixMs`, at most Infinity. */
  cover(unixMs: number): PueCoverage
  /** Why there is nothing newer, for people; null when all is well. */
  readonly problem: string | null
}

/** A source that looks for its data again and again. */
export type RefreshedPue = PueSource & Refreshed
