import type { ConsumerDay } from '../ledger/report-rows.ts'
import { didYouMean, nearest } from '../model/did-you-mean.ts'
import { DAY_MS } from '../model/time.ts'
import { ConsumerRows, type Piece, piecesOf } from './consumer-rows.ts'
import type { Figures } from './figures.ts'
import { ReportFault } from './report-fault.ts'
import type { Row, View } from './rows.ts'
import { added } from './shares.ts'
import { utc } from './span.ts'
import { type Statement, StatementTally } from './statement.ts'

/** Rows of what consumers had: of all of them, or of those of one tenant, by consumer or by time. */
export class SplitRows {
  readonly #by: View
  readonly #tenant: string | null
  readonly #tally: StatementTally | null
  readonly #byConsumer: ConsumerRows
  readonly #byTime = new Map<string, { readonly days: number[]; readonly figures: Figures }>()

  constructor(by: View, tenant: string | null, unassigned: string) {
    this.#by = by
    this.#tenant = tenant
    this.#tally = tenant === null ? null : new StatementTally(tenant, unassigned)
    this.#byConsumer = new ConsumerRows(by === 'tenant' ? 'tenant' : 'consumer')
  }

  addDay(dayUnixMs: number, node: Figures, consumers: readonly ConsumerDay[]): void {
    const pieces = piecesOf(node, consumers)
    this.#tally?.addDay(node, pieces)
    const own = this.#tally === null ? pieces : pieces.filter((piece) => this.#tally?.isOwn(piece))
    if (this.#by === 'consumer' || this.#by === 'tenant') this.#byConsumer.addDay(own)
    else this.#addTime(dayUnixMs, own)
  }

  get rows(): Row[] {
    if (this.#by === 'consumer' || this.#by === 'tenant') return this.#byConsumer.rows
    return [...this.#byTime].map(([label, { days, figures }]) => ({
      label,
      keys: { start: utc(Math.min(...days)), end: utc(Math.max(...days) + DAY_MS) },
      figures,
    }))
  }

  get statement(): Statement | null {
    return this.#tally?.statement ?? null
  }

  /** Throws a ReportFault for a tenant that nothing is known of. */
  requireTenant(): void {
    const [tenant, known] = [this.#tenant, this.#tally?.tenants ?? []]
    if (tenant === null || known.includes(tenant)) return
    const named = JSON.stringify(tenant)
    throw new ReportFault(
      'REPORT_NO_DATA',
      known.length === 0
        ? 'the ledger has no energy by consumer in this time: a statement needs attribution.enabled, and a machine with control groups'
        : `no tenant ${named} had energy in this time${didYouMean([nearest(tenant, known)])}: report --by tenant lists all`,
    )
  }

  #addTime(dayUnixMs: number, pieces: readonly Piece[]): void {
    const label = utc(dayUnixMs).slice(0, this.#by === 'month' ? 7 : 10)
    for (const { figures } of pieces) {
      const before = this.#byTime.get(label)
      this.#byTime.set(label, {
        days: [...(before?.days ?? []), dayUnixMs],
        figures: before === undefined ? figures : added(before.figures, figures),
      })
    }
  }
}
