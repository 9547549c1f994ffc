import {
  COLUMNS,
  type CoefficientsFile,
  type Knowledge,
  type ServerLine,
} from '../../src/sensors/estimate/coefficients.ts'
import type { Fit } from './fit.ts'
import { jsonOf } from './json.ts'
import type { Row } from './rows.ts'
import {
  crossValidateAs,
  crossValidateShares,
  errorsByLevel,
  intervalsOf,
  mean,
  type Prediction,
} from './validation.ts'

const KNOWLEDGE: readonly Knowledge[] = ['measured', 'listed', 'foreign', 'generation', 'nothing']
const DIGITS = 1e5
const round = (value: number, digits = DIGITS): number => Math.round(value * digits) / digits

/**
 * The one file of the fit. It says nothing of single servers but what the model compares machines by.
 * @param date when it was made, for people; without one the data say how new it is, so that it is the same each time
 */
export function coefficientsOf(fit: Fit, date?: string): string {
  const years = fit.rows.flatMap(({ seen }) => seen.year ?? [])
  const predictions = new Map(KNOWLEDGE.map((knowledge) => [knowledge, crossValidateAs(fit, knowledge)]))
  const entries = <T>(make: (predictions: readonly Prediction[]) => T): Record<Knowledge, T> =>
    Object.fromEntries([...predictions].map(([knowledge, all]) => [knowledge, make(all)])) as Record<Knowledge, T>
  const { model } = fit
  const { full, idle, between } = model.means
  const file: CoefficientsFile = {
    source:
      'wall power of servers by SPECpower_ssj2008 (spec.org), as collected in green-coding-solutions/spec-power-model and cloud-carbon-footprint/ccf-coefficients (Apache-2.0)',
    ...(date === undefined ? {} : { date }),
    measured: {
      servers: fit.rows.length,
      cpuModels: new Set(fit.rows.map(({ cpu }) => cpu)).size,
      from: Math.min(...years),
      to: Math.max(...years),
    },
    errors: entries((all) => {
      const levels = errorsByLevel(curvesOf(all))
      return { all: round(mean(levels), 10), idle: round(levels[0] ?? 0, 10) }
    }),
    intervals: entries((all) => intervalsOf(all).map((value) => round(value, 100))),
    shareInterval: intervalsOf(crossValidateShares(fit)).map((value) => round(value, 100)),
    covariance: model.covariance,
    means: { full: round(full), idle: round(idle), between: between.map((value) => round(value)) },
    way: model.way,
    columns: COLUMNS,
    servers: fit.rows.map((row, index) => lineOf(row, fit, index)),
  }
  return jsonOf(file)
}

/** Those whose every level was measured. */
export function curvesOf(predictions: readonly Prediction[]): readonly Prediction[] {
  return predictions.filter(({ row }) => !row.loadsW.includes(null))
}

function lineOf({ platform }: Row, fit: Fit, index: number): ServerLine {
  const { full = 0, idle = 0, between = null } = fit.weights[index] ?? {}
  const { tdpW, chips, cores, threads, memoryGib, baseMhz, boostMhz, generationYear, year } = platform
  const { generation, match, key } = platform.processor
  const sizes = [tdpW, chips, cores, threads, memoryGib, baseMhz, boostMhz, generationYear, year]
  return [
    [generation?.name ?? null, platform.maker, platform.line, match === 'none' ? null : key],
    sizes.map((size) => round(size, 100)),
    [round(full), round(idle), ...(between ?? []).map((weight) => round(weight, 1e3))],
  ]
}
