import { attempt } from '../../carbon/table/csv-table.ts'
import { type Rows, TableError, type TableLine, takeEach } from '../../carbon/table/table-line.ts'
import { atOnce } from '../../io/slices.ts'
import { FleetFault } from '../fleet-fault.ts'
import type { Inputs } from './inputs.ts'
import type { Plan } from './read-plan.ts'
import { TermBooks } from './term-books.ts'
import { batchesOf, type InstantQueries, type TermSpan } from './term-lines.ts'
import { TERM_NAMES } from './terms.ts'

/** True for a plan that has to ask Prometheus. */
export function hasQueries({ terms }: Plan): boolean {
  return Object.values(terms).some((source) => source !== null && source.promql !== null)
}

/**
 * Reads the terms of a plan for a time of whole hours. `onProgress` gets the share that is read. Rejects with a FleetFault, and
 * with whatever `queries` rejects with.
 */
export async function readInputs(
  plan: Plan,
  span: TermSpan,
  queries: InstantQueries,
  onProgress: (done: number) => void = () => {},
): Promise<Inputs> {
  const books = new TermBooks(plan, span)
  const names = TERM_NAMES.filter((name) => plan.terms[name] !== null)
  for (const [index, name] of names.entries()) {
    const source = plan.terms[name]
    if (source === null) continue
    for await (const { where, lines, done } of batchesOf(name, source, span, queries)) {
      takeAll(lines, (line) => books.take(name, line), where)
      onProgress((index + done) / names.length)
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

/** For a plan without queries. */
export const NO_QUERIES: InstantQueries = {
  instant: () => Promise.reject(new Error('a plan without queries asks nothing')),
}
