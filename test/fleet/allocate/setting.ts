import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { CsvTable } from '../../../src/carbon/table/csv-table.ts'
import { TableError } from '../../../src/carbon/table/table-line.ts'
import { type Allocation, allocate } from '../../../src/fleet/allocate/allocate.ts'
import type { Matrix } from '../../../src/fleet/allocate/amounts.ts'
import type { Inputs, ServiceKind } from '../../../src/fleet/allocate/inputs.ts'
import { planSchema } from '../../../src/fleet/allocate/plan-schema.ts'
import { NO_QUERIES, readInputs } from '../../../src/fleet/allocate/read-inputs.ts'
import { readPlan } from '../../../src/fleet/allocate/read-plan.ts'
import { TermBooks } from '../../../src/fleet/allocate/term-books.ts'
import { columnsOf, TERM_NAMES, type TermName } from '../../../src/fleet/allocate/terms.ts'

export const START = Date.UTC(2026, 9, 1)
export const HOUR = '2026-10-01T00:00:00Z,2026-10-01T01:00:00Z'
export const NEXT_HOUR = '2026-10-01T01:00:00Z,2026-10-01T02:00:00Z'
export const UJ_PER_WH = 3_600_000_000

/** Rows by term; what is left out of the terms that are always needed has none. */
export type Rows = Partial<Record<TermName, readonly string[]>>

/** A plan with CSV files beside it; its path. */
export function planned(t: TestContext, rows: Rows, more = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-allocate-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const all = { machines: [], power: [], reservations: [], usage: [], ...rows }
  for (const [name, lines] of Object.entries(all)) {
    writeFileSync(join(folder, `${name}.csv`), [columnsOf(name as TermName).join(','), ...lines, ''].join('\n'))
  }
  const terms = Object.keys(all).map((name) => `  ${name}: { csv: ${name}.csv }\n`)
  const path = join(folder, 'plan.yaml')
  writeFileSync(path, `terms:\n${terms.join('')}${more}`)
  return path
}

/** The allocation of a plan from START on. */
export async function allocated(plan: string, hours = 1): Promise<Allocation> {
  const span = { fromUnixMs: START, untilUnixMs: START + hours * 3_600_000 }
  return allocate(await readInputs(readPlan(plan), span, NO_QUERIES))
}

/** Cells other than zero, in Wh or another unit. */
export function cellsOf(matrix: Matrix, unit = UJ_PER_WH): Record<string, Record<string, number>> {
  const rows = matrix.rows.map((row) => {
    const cells = [...matrix.row(row)].filter(([, amount]) => amount !== 0n)
    return [row, Object.fromEntries(cells.map(([column, amount]) => [column, Number(amount) / unit]))] as const
  })
  return Object.fromEntries(rows)
}

/** What a plan's terms say, without files: the same lines as theirs. */
export function inputsOf(
  rows: Rows,
  services: Readonly<Record<string, ServiceKind>> = {},
  hours = 1,
  from = 0,
): Inputs {
  const all: Rows = { machines: [], power: [], reservations: [], usage: [], ...rows }
  const terms = Object.fromEntries(Object.keys(all).map((name) => [name, { csv: `${name}.csv` }]))
  const books = new TermBooks(planSchema.parse({ terms, services }), {
    fromUnixMs: START + from * 3_600_000,
    untilUnixMs: START + (from + hours) * 3_600_000,
  })
  for (const name of TERM_NAMES) {
    const columns = columnsOf(name)
    const table = new CsvTable([columns.join(','), ...(all[name] ?? [])].join('\n'))
    for (const line of table.lines(columns)) {
      if (line instanceof TableError) throw line
      if (line !== null) books.take(name, line)
    }
  }
  return books.inputs()
}
