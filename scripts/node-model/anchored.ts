import { join } from 'node:path'
import { Anchor } from '../../src/integration/anchor/anchor.ts'
import { readCsv } from '../fit/rows.ts'
import { table } from '../fit/tables.ts'
import { meanOf } from './silence.ts'

const ROW_S = 3
const MINUTE_ROWS = 60 / ROW_S
/** One silence begins in each minute after these. */
const FIRST_ROWS = 100
/** Two deviations hold 95 of 100. */
const K95 = 2

interface Row {
  /** By its meter. */
  readonly meterW: number
  /** Cycles over the most there were: as much of the processor's time as worked. */
  readonly busy: number
}

/** Models that are wrong by a lot, as one of a class may be: W when idle and at full load. */
const MODELS: readonly (readonly [idleW: number, fullW: number])[] = [
  [30, 120],
  [75, 350],
]

/** How far off the model of a leaf is when its meter falls silent, as Markdown; empty where nothing tells how busy the machine was. */
export function anchoredTable(folder: string): string {
  const fields = readCsv(join(folder, 'nx12.csv'))
  const cycles = fields.map((one) => Number(one.cycles))
  if (cycles.some(Number.isNaN)) return ''
  const mostCycles = Math.max(...cycles)
  const rowsOf = (column: string): Row[] =>
    fields.map((one, n) => ({ meterW: Number(one[column]), busy: (cycles[n] ?? 0) / mostCycles }))
  const found = [
    ['processors', rowsOf('package_w')],
    ['memory', rowsOf('dram_w')],
  ] as const
  const lines = found.flatMap(([name, rows]) =>
    MODELS.flatMap((model) =>
      [1, 10, 30].map((minutes) => {
        const silences = silencesOf(rows, model, minutes * MINUTE_ROWS)
        const sorted = (of: (silence: Silence) => number) => silences.map(of).sort((a, b) => a - b)
        const at95 = (errors: readonly number[]) => errors[Math.floor(0.95 * errors.length)] ?? Number.NaN
        return [
          `${name}, a model of ${model[0]} to ${model[1]} W`,
          `${minutes} min`,
          percent(at95(sorted(({ ofClass }) => Math.abs(ofClass)))),
          percent(at95(sorted(({ anchored }) => Math.abs(anchored)))),
          percent(meanOf(silences.map(({ uncertainty }) => K95 * uncertainty))),
          percent(
            meanOf(silences.map(({ anchored, uncertainty }) => (Math.abs(anchored) <= K95 * uncertainty ? 1 : 0))),
          ),
        ]
      }),
    ),
  )
  return `
The meter of a leaf falls silent, and a model of its class that knows how busy the machine is (by cycles) stands in for it, anchored on what the
meter told before. Energy of the silence, which 95 of 100 stay below: by the model alone, and anchored; half-width of the interval of 95 %,
and how often it holds:

${table(['leaf', 'silence', 'model alone', 'anchored', 'interval', 'holds'], lines)}
`
}

/** Relative errors of the energy. */
interface Silence {
  readonly ofClass: number
  readonly anchored: number
  readonly uncertainty: number
}

function silencesOf(
  rows: readonly Row[],
  [idleW, fullW]: readonly [number, number],
  count: number,
): readonly Silence[] {
  const modelW = ({ busy }: Row): number => idleW + (fullW - idleW) * busy
  const anchor = new Anchor()
  const found: Silence[] = []
  for (const [from, row] of rows.entries()) {
    if (from >= FIRST_ROWS && from % MINUTE_ROWS === 0 && from + count <= rows.length) {
      const silent = rows.slice(from, from + count)
      const known = silent.map((one, n) => anchor.at(modelW(one), n * ROW_S) ?? { ratio: 1, relativeUncertainty: 1 })
      const trueW = meanOf(silent.map(({ meterW }) => meterW))
      found.push({
        ofClass: meanOf(silent.map(modelW)) / trueW - 1,
        anchored: meanOf(silent.map((one, n) => modelW(one) * (known[n]?.ratio ?? 1))) / trueW - 1,
        uncertainty: meanOf(known.map(({ relativeUncertainty }) => relativeUncertainty)),
      })
    }
    anchor.learn({ meterW: row.meterW, modelW: modelW(row) }, ROW_S)
  }
  return found
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
