import type { Knowledge } from '../../src/sensors/estimate/coefficients.ts'
import { featuresOf } from '../../src/sensors/estimate/features.ts'
import { hostOf } from '../../src/sensors/estimate/hosts.ts'
import { type Platform, platformOf, type Seen } from '../../src/sensors/estimate/platform.ts'
import type { Fit } from './fit.ts'
import { productOf, type Row } from './rows.ts'

/** What the model says of a server that was left out of it. */
export interface Prediction {
  readonly row: Row
  readonly logs: readonly number[]
}

type Way = (row: Row) => Platform

/**
 * Cross-validation: each server by a model that has not seen it, nor any other of its group, in neither file.
 * @param groupOf what is left out together; null for a row that is not asked for
 */
export function crossValidate(
  fit: Fit,
  groupOf: (row: Row) => string | null,
  knownAs: Way = ({ platform }) => platform,
): readonly Prediction[] {
  const groups = Map.groupBy(fit.rows.keys(), (index) => groupOf(rowAt(fit, index)))
  return [...groups].flatMap(([group, indexes]) => {
    if (group === null) return []
    const left = [...indexes]
    const weights = fit.without(left)
    return left.map((index) => {
      const row = rowAt(fit, index)
      return { row, logs: fit.predict(featuresOf(knownAs(row)), weights) }
    })
  })
}

function rowAt(fit: Fit, index: number): Row {
  return fit.rows[index] as Row
}

/** A model of processor that has been measured in another product too. */
export function knownElsewhere(fit: Pick<Fit, 'rows'>): (row: Row) => string | null {
  const named = fit.rows.filter(({ platform }) => platform.processor.match !== 'none')
  const products = Map.groupBy(named, ({ cpu }) => cpu)
  const counts = new Map([...products].map(([cpu, rows]) => [cpu, new Set(rows.map(productOf)).size]))
  return (row) => ((counts.get(row.cpu) ?? 0) > 1 ? `${row.cpu} in ${productOf(row)}` : null)
}

export const byCpu = ({ cpu }: Row): string => cpu

/** The same server, of which an agent sees less than was published. */
const AS_SEEN: Readonly<Record<Knowledge, (row: Row) => Platform>> = {
  measured: ({ seen }) => platformOf({ ...seen, year: null }),
  listed: ({ seen }) => platformOf({ ...seen, year: null }),
  foreign: ({ seen }) => platformOf({ ...seen, year: null }),
  generation: ({ seen, platform }) => platformOf({ ...hidden(seen), generation: platform.processor.generation }),
  nothing: ({ seen }) => platformOf(hidden(seen)),
}

/** Servers as an agent sees them, each by a model that has seen no more of the like than its knowledge allows. */
export function crossValidateAs(fit: Fit, knowledge: Knowledge): readonly Prediction[] {
  const groups: Partial<Record<Knowledge, (row: Row) => string | null>> = {
    measured: knownElsewhere(fit),
    foreign: ({ platform }) => platform.processor.generation?.name ?? null,
  }
  return crossValidate(fit, groups[knowledge] ?? byCpu, AS_SEEN[knowledge])
}

function hidden(seen: Seen): Seen {
  return { ...seen, cpu: '', tdpW: null, baseMhz: null, year: null }
}

/** Servers such as clouds have, each by a usual host with its processors: how far their power per thread lies apart. */
export function crossValidateShares(fit: Fit): readonly Prediction[] {
  const predictions = crossValidate(fit, byCpu, hostLike).filter(({ row }) => isHost(row))
  return predictions.map(({ row, logs }) => {
    const perThread = Math.log(row.platform.threads / hostLike(row).threads)
    return { row, logs: logs.map((log) => log + perThread) }
  })
}

const MIN_HOST_THREADS = 64
const FIRST_HOST_YEAR = 2017

function isHost({ platform }: Row): boolean {
  return platform.threads >= MIN_HOST_THREADS && platform.generationYear >= FIRST_HOST_YEAR
}

function hostLike({ seen, platform }: Row): Platform {
  return platformOf({ ...seen, ...hostOf(null, platform.processor), product: null, year: null })
}

/** Mean absolute errors in %, of each level that was measured. */
export function errorsByLevel(predictions: readonly Prediction[]): readonly number[] {
  return Array.from({ length: 11 }, (_, level) => {
    const errors = predictions.flatMap(({ row, logs }) => {
      const watts = row.loadsW[level] ?? null
      return watts === null ? [] : Math.abs(Math.exp(logs[level] ?? 0) / watts - 1) * 100
    })
    return mean(errors)
  })
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Split-conformal: at each level the factor, as its logarithm, within which a share of CPU models lies. Each model has the same
 * weight, however many servers have it.
 */
export function intervalsOf(predictions: readonly Prediction[], share = 0.95): readonly number[] {
  return Array.from({ length: 11 }, (_, level) => {
    const residuals = weighted(predictions, level).toSorted((a, b) => a.off - b.off)
    // The sum of the weights is the number of models: one more is the one to come.
    const total = sumOf(residuals)
    let below = 0
    for (const { off, weight } of residuals) {
      below += weight
      if (below >= share * (total + 1)) return off
    }
    return residuals.at(-1)?.off ?? 0
  })
}

/** Shares in % of CPU models inside the interval, over all levels. */
export function coverageOf(predictions: readonly Prediction[], intervals: readonly number[]): number {
  const levels = intervals.map((limit, level) => {
    const residuals = weighted(predictions, level)
    const inside = residuals.filter(({ off }) => off <= limit)
    return sumOf(inside) / sumOf(residuals)
  })
  return mean(levels) * 100
}

/** Of an interval's full width, over the power. */
export function widthOf(intervals: readonly number[]): number {
  return mean(intervals.map((limit) => Math.exp(limit) - Math.exp(-limit)))
}

const sumOf = (residuals: readonly { weight: number }[]): number =>
  residuals.reduce((sum, { weight }) => sum + weight, 0)

function weighted(predictions: readonly Prediction[], level: number): { off: number; weight: number }[] {
  const measured = predictions.filter(({ row }) => (row.loadsW[level] ?? null) !== null)
  const counts = Map.groupBy(measured, ({ row }) => row.cpu)
  return measured.map(({ row, logs }) => ({
    off: Math.abs((logs[level] ?? 0) - Math.log(row.loadsW[level] ?? 1)),
    weight: 1 / (counts.get(row.cpu)?.length ?? 1),
  }))
}
