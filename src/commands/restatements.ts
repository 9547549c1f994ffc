import { join } from 'node:path'
import { loadConfig } from '../config/loader.ts'
import { openReadOnly } from '../ledger/read-only.ts'
import { EX_OK } from './exit-codes.ts'
import { answer, type Context, type Output } from './run.ts'
import { table } from './table.ts'

/** `all` shows those too that changed no figure but its standing. */
export interface RestatementsContext extends Pick<Context, 'file' | 'json' | 'all' | 'env'> {
  readonly stdout: Output
}

/** A row of the view `restatements`. */
export interface Restatement {
  readonly id: number
  /** When it was made. */
  readonly at: string
  readonly account: string
  /** The time whose emissions it restates. */
  readonly starts: string
  readonly ends: string
  /** The restatement that it replaces; null when it replaces the booking. */
  readonly replaces: number | null
  readonly was_source: string
  readonly was_g_per_kwh: number
  readonly was_status: string
  readonly source: string
  readonly g_per_kwh: number
  readonly status: string
  readonly was_g: number
  readonly co2e_g: number
  readonly change_g: number
}

/** Lists what later and better figures changed in emissions that were booked, in the order in which it happened. */
export function restatements(context: RestatementsContext): number {
  const { paths } = loadConfig(context.file, context.env)
  const rows = read(join(paths.state, 'ledger.db'))
  const shown = context.all ? rows : rows.filter(({ change_g }) => change_g !== 0)
  answer(context, shown, () => textOf(shown, rows.length - shown.length))
  return EX_OK
}

function read(path: string): Restatement[] {
  const db = openReadOnly(path)
  try {
    return db.prepare<[], Restatement>('SELECT * FROM restatements').all()
  } finally {
    db.close()
  }
}

const HEAD = [
  'id',
  'made',
  'account',
  'from',
  'to',
  'replaces',
  'was g/kWh',
  'g/kWh',
  'change in g',
  'source',
  'status',
]
const RIGHT: ReadonlySet<number> = new Set([0, 5, 6, 7, 8])

function textOf(rows: readonly Restatement[], hidden: number): string {
  const confirmed = hidden === 0 ? '' : ` ${hidden} more only confirmed a figure: --all shows them.`
  if (rows.length === 0) return `No booked emissions have been changed.${confirmed}\n`
  const lines = rows.map((row) => [
    String(row.id),
    row.at,
    row.account,
    row.starts,
    row.ends,
    row.replaces === null ? 'booking' : String(row.replaces),
    row.was_g_per_kwh.toFixed(1),
    row.g_per_kwh.toFixed(1),
    signed(row.change_g),
    row.was_source === row.source ? row.source : `${row.was_source} -> ${row.source}`,
    row.was_status === row.status ? row.status : `${row.was_status} -> ${row.status}`,
  ])
  const sums = Map.groupBy(rows, ({ account }) => account)
  const totals = [...sums].map(
    ([account, own]) => `${account} ${signed(own.reduce((sum, { change_g }) => sum + change_g, 0))} g`,
  )
  return `${table([HEAD, ...lines], RIGHT).join('\n')}\n\nIn all: ${totals.join(', ')}.${confirmed}\n`
}

function signed(grams: number): string {
  return `${grams > 0 ? '+' : ''}${grams.toFixed(3)}`
}
