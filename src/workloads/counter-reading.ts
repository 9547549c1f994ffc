import { AnswerError } from '../io/answer.ts'
import type { Sliced } from '../io/slices.ts'
import type { WorkloadUnit } from '../model/workload.ts'
import { type Sample, samplesIn } from './exposition.ts'
import { type Selector, selects } from './selector.ts'

/** Where each unit is counted: the first selector that an answer has series of counts. */
export type UnitSelectors = ReadonlyMap<WorkloadUnit, readonly Selector[]>

/** What the counters of one answer say. */
export interface CounterReading {
  /** When the counting process began, in unix seconds; null where it does not say. */
  readonly startedUnixS: number | null
  /** Values by series. A counter that the answer lacks has none. */
  readonly series: ReadonlyMap<WorkloadUnit, ReadonlyMap<string, number>>
}

/** Of one counter. A label that differs with each request makes more. */
export const MOST_SERIES = 10_000
/** No server has counted this far, and no sum of so much overflows. */
const MOST = 1e18

/** The clients of Prometheus for Go, Python, Java and Rust call it so. */
const START = 'process_start_time_seconds'

/** Throws an AnswerError for an answer that cannot be counted by: all of it counts or nothing. */
export function* readCounters(text: string, selectors: UnitSelectors): Sliced<CounterReading> {
  const wanted = [...selectors.values()].flat()
  const names = new Set([START, ...wanted.flatMap(({ name }) => [name, createdName(name)])])
  const samples = Map.groupBy(yield* samplesIn(text, names), ({ name }) => name)
  const series = new Map<WorkloadUnit, ReadonlyMap<string, number>>()
  const created: number[] = []
  for (const [unit, alternatives] of selectors) {
    for (const selector of alternatives) {
      const selected = (samples.get(selector.name) ?? []).filter((sample) => selects(selector, sample))
      if (selected.length === 0) continue
      if (selected.length > MOST_SERIES) {
        throw new AnswerError(`at most ${MOST_SERIES} series of ${selector.name}`, `${selected.length} series`)
      }
      series.set(unit, new Map(selected.map((sample) => [keyOf(sample), countOf(sample)])))
      const births = samples.get(createdName(selector.name)) ?? []
      created.push(...births.filter(({ value }) => isTime(value)).map(({ value }) => value))
      break
    }
  }
  // Several processes that are shown as one have no beginning.
  const [start, ...others] = samples.get(START) ?? []
  if (start !== undefined && isTime(start.value)) {
    return { startedUnixS: others.length === 0 ? start.value : null, series }
  }
  // The oldest: series of other labels are born with their first count.
  return { startedUnixS: created.length > 0 ? Math.min(...created) : null, series }
}

function createdName(counter: string): string {
  return counter.replace(/(?:_total|_sum)?$/, '_created')
}

function isTime(unixS: number): boolean {
  return Number.isFinite(unixS) && unixS > 0
}

function keyOf({ name, labels }: Sample): string {
  return JSON.stringify([name, ...[...labels].sort(([a], [b]) => (a < b ? -1 : 1))])
}

function countOf({ name, value }: Sample): number {
  if (value >= 0 && value <= MOST) return value
  throw new AnswerError(`a count in ${name}`, String(value))
}
