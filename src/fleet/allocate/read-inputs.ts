import { attempt } from '../../carbon/table/csv-table.ts'
import { type Rows, TableError, type TableLine, takeEach } from '../../carbon/table/table-line.ts'
import { atOnce } from '../../io/slices.ts'
import { FleetFault } from '../fleet-fault.ts'
import type { Inputs } from './inputs.ts'
import type { Plan } from './read-plan.ts'
import { TermBooks } from './term-books.ts'
import { batchesOf, type InstantQueries, type TermSpan } from './term-lines.ts'
import { TERM_NAMES } from './terms.ts'

/** Reads the terms of a plan for a time of whole hours. `queries` is null without a Prometheus. Rejects with a FleetFault. */
export async function readInputs(plan: Plan, span: TermSpan, queries: InstantQueries | null): Promise<Inputs> {
  const books = new TermBooks(plan, span)
  for (const name of TERM_NAMES) {
    const source = plan.terms[name]
    if (source === null) continue
    for await (const { where, lines } of batchesOf(name, source, span, queries)) {
      takeAll(lines, (line) => books.take(name, line), where)
    }
  }
  return books.inputs()
}

/** Every bad place at once, a line each. */
function takeAll(lines: Rows<TableLine>, take: (line: TableLine) => void, where: string): void {
  try {
    atOnce(takeEach(taken(lines, take), () => {}))
  } catch (cause) {
    if (!(cause instanceof TableError)) throw cause
    throw new FleetFault('FLEET_FILE', cause.places.map((place) => `${where}${place}`).join('\n'), { cause })
  }
}

function* taken(lines: Rows<TableLine>, take: (line: TableLine) => void): Rows<void> {
  for (const line of lines) yield line === null || line instanceof TableError ? line : attempt(() => take(line))
}
