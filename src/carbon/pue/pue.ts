import type { Refreshed } from '../sources/refresher.ts'

/** What the site needs for each unit of the machine's energy at a time. */
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

/** A source that has to look for its data. */
export type RefreshedPue = PueSource & Refreshed
