import assert from 'node:assert/strict'
import { CsvTable } from '../../../src/carbon/table/csv-table.ts'
import { TableError } from '../../../src/carbon/table/table-line.ts'
import { allocate, ROUNDS } from '../../../src/fleet/allocate/allocate.ts'
import { allocationDocument } from '../../../src/fleet/allocate/document.ts'
import { planSchema } from '../../../src/fleet/allocate/plan-schema.ts'
import { sankeySvg } from '../../../src/fleet/allocate/sankey.ts'
import { TermBooks } from '../../../src/fleet/allocate/term-books.ts'
import { columnsOf, TERM_NAMES, type TermName } from '../../../src/fleet/allocate/terms.ts'
import { FleetFault } from '../../../src/fleet/fleet-fault.ts'
import type { FuzzTarget } from '../target.ts'

const HOUR = '2026-10-01T00:00:00Z,2026-10-01T01:00:00Z'
const START = Date.UTC(2026, 9, 1)
const source = Object.fromEntries(TERM_NAMES.map((name) => [name, { csv: name }]))
const plan = planSchema.parse({ terms: source, services: { major: 'major', disks: 'storage' } })

/** Terms of an allocation, each behind a line `= name`: no energy is lost or made, or a place with a reason. */
export const allocationTerms: FuzzTarget = {
  name: 'allocation-terms',
  tokens: [
    '\n= power\n',
    '\n= usage\n',
    '\n= net_costs\n',
    HOUR,
    ',',
    '\n',
    '"',
    '-5',
    '1e3',
    'm1',
    'major',
    'unallocated',
    '1.1',
  ],
  run(input) {
    const books = new TermBooks(plan, { fromUnixMs: START, untilUnixMs: START + 2 * 3_600_000 })
    const sections = new Map(
      input
        .toString('utf8')
        .split(/^= /m)
        .map((text) => [/^\w*/.exec(text)?.[0], text]),
    )
    for (const name of TERM_NAMES) take(books, name, (sections.get(name) ?? '').replace(/^.*\n?/, ''))
    try {
      check(books)
    } catch (error) {
      assert.ok(error instanceof FleetFault, error instanceof Error ? error.stack : String(error))
      assert.match(error.message, /^\w+: expected .+, found .+$/)
    }
  },
}

function take(books: TermBooks, name: TermName, rows: string): void {
  const columns = columnsOf(name)
  for (const line of new CsvTable(`${columns.join(',')}\n${rows}`).lines(columns)) {
    try {
      if (line instanceof TableError) throw line
      if (line !== null) books.take(name, line)
    } catch (error) {
      assert.ok(error instanceof TableError, error instanceof Error ? error.stack : String(error))
      for (const place of error.places) assert.match(place, /^\d+:\d+: expected .+, received [^\n]+$/)
    }
  }
}

function check(books: TermBooks): void {
  const allocation = allocate(books.inputs())
  const { rounds, co2eUg, customers } = allocation
  const total = rounds.idle.total + rounds.dynamic.total
  for (const round of ROUNDS.slice(2)) assert.equal(rounds[round].total, total)
  for (const matrix of [...Object.values(rounds), co2eUg, customers?.energyUj ?? null, customers?.co2eUg ?? null]) {
    for (const row of matrix?.rows ?? []) for (const [, amount] of matrix?.row(row) ?? []) assert.ok(amount >= 0n)
  }
  allocationDocument(allocation)
  assert.doesNotMatch(sankeySvg(allocation), /NaN|Infinity|undefined/)
}
