import { decimalText } from '../digits.ts'
import { type Figures, knownOf, MASSES } from '../figures.ts'
import { publishedAs, yearOf } from '../official-factors.ts'
import type { Report } from '../report.ts'
import { microCost } from '../tariff.ts'

/** Of the shape, docs/reports.md: it grows by keys, and a change of what a key means is another version. */
const SHAPE = { format: 'wattledger-report', version: 1 } as const

/** All of the report. Whole µJ, µg and µl are strings of digits, since they can be more than a number holds. */
export function jsonText(report: Report): string {
  const { about, by, rows, total, statement, machine, stages, quality, factors, meters } = report
  const { restatements, gaps, exclusions } = report
  const { fromUnixMs, untilUnixMs, closedUntilUnixMs, madeUnixMs, ...identity } = about
  const data = {
    ...SHAPE,
    kind: statement === null ? 'machine' : 'tenant',
    about: {
      ...identity,
      from: time(fromUnixMs),
      to: time(untilUnixMs),
      closedUntil: time(closedUntilUnixMs),
      made: time(madeUnixMs),
    },
    by,
    rows: rows.map(({ keys, figures }) => ({ ...keys, ...figuresOf(figures) })),
    total: figuresOf(total),
    statement: statement && {
      ...statement,
      own: figuresOf(statement.own),
      unallocated: figuresOf(statement.unallocated),
      pool: figuresOf(statement.pool),
    },
    // What others had is none of a tenant's business.
    machine: statement === null ? figuresOf(machine) : { coveragePct: machine.coveragePct },
    stages: stages.map(({ about: stage, ...line }) => ({ ...line, about: stage, g: millionths(line.ug) })),
    quality,
    meters: statement === null ? meters : meters.map(({ energyUj: _, ...meter }) => meter),
    factors: factors
      .map((factor) => ({ ...factor, year: yearOf(factor.source), published: publishedAs(factor.source) }))
      .map(({ energyUj, co2eUg, ...factor }) => (statement === null ? { ...factor, energyUj, co2eUg } : factor)),
    exclusions,
    restatements: restatements.map(({ changeUg, ...sum }) => ({
      ...dated(sum),
      ...(statement === null ? { changeUg } : {}),
    })),
    gaps: gaps.map(({ ms, ...gap }) => ({ ...dated(gap), hours: Number(ms) / 3_600_000 })),
  }
  return `${JSON.stringify(data, plain, 2)}\n`
}

function figuresOf(all: Figures): object {
  const figures = knownOf(all)
  const kwh = figures.energyUj === null ? null : Number(figures.energyUj) / 3.6e12
  const masses = Object.fromEntries(
    MASSES.map((mass) => [mass.replace(/U[gl]$/, mass.endsWith('Ug') ? 'G' : 'L'), millionths(figures[mass])]),
  )
  const cost = figures.cost === null ? null : Number(decimalText(microCost(figures.cost), 6))
  return { energyKwh: kwh, ...masses, ...figures, cost }
}

function dated<Sum extends { readonly firstMs: bigint; readonly lastMs: bigint }>({ firstMs, lastMs, ...sum }: Sum) {
  return { ...sum, first: time(Number(firstMs)), last: time(Number(lastMs)) }
}

function millionths(value: bigint | null): number | null {
  return value === null ? null : Number(value) / 1e6
}

/** Counts are small, amounts are not. */
function plain(key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  return /(^u|U)[jgl]$/.test(key) ? value.toString() : Number(value)
}

function time(unixMs: number | null): string | null {
  return unixMs === null ? null : `${new Date(unixMs).toISOString().slice(0, 19)}Z`
}
