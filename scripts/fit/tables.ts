import type { Knowledge } from '../../src/sensors/estimate/coefficients.ts'
import { featuresOf } from '../../src/sensors/estimate/features.ts'
import type { Fit } from './fit.ts'
import { RIVALS } from './rivals.ts'
import type { Row } from './rows.ts'
import {
  byCpu,
  coverageOf,
  crossValidate,
  crossValidateAs,
  errorsByLevel,
  intervalsOf,
  knownElsewhere,
  mean,
  type Prediction,
  widthOf,
} from './validation.ts'
import { curvesOf } from './write-coefficients.ts'

const LEVELS = Array.from({ length: 11 }, (_, level) => level)

/** Mean absolute errors and intervals of servers that the fit had not seen, as Markdown. */
export function crossValidationTables(fit: Fit): string {
  const unseen = curvesOf(crossValidate(fit, byCpu))
  const known = curvesOf(crossValidate(fit, knownElsewhere(fit)))
  const agent = (knowledge: Knowledge) => curvesOf(crossValidateAs(fit, knowledge))
  const rivals = [...RIVALS, constantOf(fit)]
  const methods: [string, readonly Prediction[]][] = [
    ['CPU model known from another machine', known],
    ['CPU model unseen', unseen],
    ['a quarter of the CPU models left out at once', curvesOf(crossValidate(fit, quarterOf(fit)))],
    ['known, as the agent sees it', agent('measured')],
    ['unseen, as the agent sees it', agent('listed')],
    ['generation unseen, as the agent sees it', agent('foreign')],
    ['generation alone', agent('generation')],
    ['nothing but sizes', agent('nothing')],
    ...rivals.map(({ name, wattsAt }): [string, readonly Prediction[]] => [
      name,
      unseen.map(({ row }) => ({ row, logs: LEVELS.map((level) => Math.log(wattsAt(row.platform, level / 10))) })),
    ]),
  ]
  return [
    '\nMean absolute error in % of the power at the plug, by level of load:\n',
    table(
      ['', 'servers', 'all', ...LEVELS.map((level) => (level === 0 ? 'idle' : `${level * 10} %`))],
      methods.map(([name, predictions]) => {
        const errors = errorsByLevel(predictions)
        return [name, String(predictions.length), fixed(mean(errors)), ...errors.map(fixed)]
      }),
    ),
    '\nBy the decade in which the server was sold, all levels:\n',
    table(
      ['', ...DECADES.map(({ name }) => name)],
      methods.map(([name, predictions]) => [
        name,
        ...DECADES.map(({ from, to }) => {
          const own = predictions.filter(({ row }) => (row.seen.year ?? 0) >= from && (row.seen.year ?? 0) < to)
          return own.length === 0 ? '' : `${fixed(mean(errorsByLevel(own)))} (${own.length})`
        }),
      ]),
    ),
    '\nInterval of 95 %, calibrated on one half of the CPU models and counted on the other:\n',
    table(
      ['', 'covers', 'full width over power'],
      [
        intervalRow('CPU model known from another machine', crossValidate(fit, knownElsewhere(fit))),
        intervalRow('CPU model unseen', crossValidate(fit, byCpu)),
      ],
    ),
  ].join('\n')
}

/** Servers that are not in the fit. */
export function scoreTable(fit: Fit, rows: readonly Row[]): string {
  const cpus = new Set(fit.rows.map(({ cpu }) => cpu))
  const predictions = rows.map((row) => ({ row, logs: fit.predict(featuresOf(row.platform), fit.weights) }))
  const groups: [string, readonly Prediction[], readonly number[]][] = [
    [
      'CPU model known from the fit',
      predictions.filter(({ row }) => cpus.has(row.cpu)),
      intervalsOf(crossValidate(fit, knownElsewhere(fit))),
    ],
    ['CPU model unseen', predictions.filter(({ row }) => !cpus.has(row.cpu)), intervalsOf(crossValidate(fit, byCpu))],
  ]
  return [
    '\nServers that were to be scored, mean absolute error in %:\n',
    table(
      ['', 'servers', 'all', 'idle', '50 %', '100 %', 'covers', 'full width over power'],
      groups.map(([name, own, intervals]) => {
        const errors = errorsByLevel(own).filter((error) => !Number.isNaN(error))
        const [idle = Number.NaN, ...others] = errorsByLevel(own)
        const at = [mean(errors), idle, others[4] ?? Number.NaN, others[9] ?? Number.NaN]
        if (own.length === 0) return [name, '0', '', '', '', '', '', '']
        return [
          name,
          String(own.length),
          ...at.map(fixed),
          `${fixed(coverageOf(own, intervals))} %`,
          widthOf(intervals).toFixed(2),
        ]
      }),
    ),
  ].join('\n')
}

const DECADES = [
  { name: '2004 to 2009', from: 2004, to: 2010 },
  { name: '2010 to 2019', from: 2010, to: 2020 },
  { name: 'from 2020', from: 2020, to: 2100 },
]

function quarterOf({ rows }: Fit): (row: Row) => string {
  const cpus = [...new Set(rows.map(byCpu))].sort()
  return ({ cpu }) => String(cpus.indexOf(cpu) % 4)
}

/** The same watts for all: those whose logarithm is the mean of all measured. */
function constantOf({ rows }: Fit) {
  const logs = rows.flatMap(({ loadsW }) => (loadsW.includes(null) ? [] : loadsW.map((watts) => Math.log(watts ?? 1))))
  const watts = Math.exp(mean(logs))
  return { name: `a constant of ${watts.toFixed(0)} W`, wattsAt: () => watts }
}

/** The halves change places, so that each CPU model is counted once. */
function intervalRow(name: string, predictions: readonly Prediction[]): string[] {
  const cpus = [...new Set(predictions.map(({ row }) => row.cpu))].sort()
  const halves = [0, 1].map((half) => predictions.filter(({ row }) => cpus.indexOf(row.cpu) % 2 === half))
  const [even = [], odd = []] = halves
  const covers = [coverageOf(odd, intervalsOf(even)), coverageOf(even, intervalsOf(odd))]
  return [name, `${fixed(mean(covers))} %`, widthOf(intervalsOf(predictions)).toFixed(2)]
}

const fixed = (value: number): string => (Number.isNaN(value) ? '' : value.toFixed(1))

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
