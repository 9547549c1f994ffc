import type { ConsumerDay } from '../ledger/report-rows.ts'
import { type Figures, MASSES, NO_FIGURES } from './figures.ts'
import { NOT_SPLIT, type Row } from './rows.ts'
import { added, divide } from './shares.ts'

/** What one consumer has of one day, with its part of the day's cost. */
export interface Piece {
  readonly consumerId: string
  readonly kind: string
  readonly name: string
  readonly tenant: string
  readonly figures: Figures
}

const REST = { consumerId: '', kind: NOT_SPLIT, name: '', tenant: '' } as const

/**
 * The pieces of a UTC day, which sum to the machine's to the µJ and the µg: what was not split is one more. The day's cost
 * is shared by energy; what shares of each hour lose by rounding is the largest consumer's.
 */
export function piecesOf(node: Figures, consumers: readonly ConsumerDay[]): Piece[] {
  const pieces = consumers.map((row): Piece => {
    const { consumerId, kind, name, tenant, idleUj, dynamicUj } = row
    const masses = Object.fromEntries(MASSES.map((mass) => [mass, row[mass]]))
    const figures = { ...NO_FIGURES, ...masses, energyUj: idleUj + dynamicUj, idleUj, dynamicUj }
    return { consumerId: String(consumerId), kind, name, tenant, figures }
  })
  const rest = lessAll(node, pieces)
  const isShared = rest.energyUj === 0n && pieces.length > 0
  const all = isShared ? withRounding(pieces, rest) : [...pieces, { ...REST, figures: rest }]
  const costs = divide(
    node.cost,
    all.map(({ figures }) => (figures.energyUj > 0n ? figures.energyUj : 0n)),
  )
  return all.map((piece, index) => ({ ...piece, figures: { ...piece.figures, cost: costs[index] ?? null } }))
}

function lessAll(node: Figures, pieces: readonly Piece[]): Figures {
  const less = (key: (typeof MASSES)[number]) =>
    pieces.reduce<bigint | null>((left, { figures }) => {
      const own = figures[key]
      return left === null || own === null ? null : left - own
    }, node[key])
  const masses = Object.fromEntries(MASSES.map((mass) => [mass, less(mass)]))
  const energyUj = pieces.reduce((left, { figures }) => left - figures.energyUj, node.energyUj)
  return { ...NO_FIGURES, ...masses, energyUj }
}

function withRounding(pieces: readonly Piece[], rest: Figures): Piece[] {
  const largest = pieces.reduce<Piece | null>(
    (most, piece) => (most === null || piece.figures.energyUj > most.figures.energyUj ? piece : most),
    null,
  )
  // What is not known of the rest is not known of a piece either: it keeps what it has.
  const mended = (figures: Figures): Figures => ({
    ...figures,
    ...Object.fromEntries(MASSES.map((mass) => [mass, plus(figures[mass], rest[mass])])),
  })
  return pieces.map((piece) => (piece === largest ? { ...piece, figures: mended(piece.figures) } : piece))
}

function plus(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? a : a + b
}

/** Rows by consumer or by tenant. */
export class ConsumerRows {
  readonly #view: 'consumer' | 'tenant'
  readonly #sums = new Map<string, { readonly piece: Piece; readonly figures: Figures }>()

  constructor(view: 'consumer' | 'tenant') {
    this.#view = view
  }

  addDay(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      const isRest = piece.kind === NOT_SPLIT
      const key = isRest ? '' : this.#view === 'tenant' ? `t${piece.tenant}` : `${piece.consumerId} ${piece.tenant}`
      const before = this.#sums.get(key)
      const figures = before === undefined ? piece.figures : added(before.figures, piece.figures)
      this.#sums.set(key, { piece, figures })
    }
  }

  /** Those with the most energy first. What was not split comes last. */
  get rows(): Row[] {
    const order = (a: bigint, b: bigint) => (a === b ? 0 : a > b ? -1 : 1)
    return [...this.#sums.values()]
      .sort(
        (a, b) =>
          Number(a.piece.kind === NOT_SPLIT) - Number(b.piece.kind === NOT_SPLIT) ||
          order(a.figures.energyUj, b.figures.energyUj) ||
          compare(nameOf(a.piece), nameOf(b.piece)),
      )
      .map(({ piece, figures }) => this.#rowOf(piece, figures))
  }

  #rowOf({ kind, name, tenant }: Piece, figures: Figures): Row {
    if (kind === NOT_SPLIT) {
      const keys: Record<string, string> = this.#view === 'tenant' ? { tenant: '' } : { kind, consumer: '', tenant: '' }
      return { label: NOT_SPLIT, keys, figures }
    }
    if (this.#view === 'tenant') return { label: tenant, keys: { tenant }, figures }
    return { label: labelOf(kind, name), keys: { kind, consumer: name, tenant }, figures }
  }
}

/** `pod train`; of a consumer whose name is its kind, the one word. */
export function labelOf(kind: string, name: string): string {
  return kind === name ? kind : `${kind} ${name}`
}

function nameOf({ kind, name, tenant, consumerId }: Piece): string {
  return JSON.stringify([kind, name, tenant, consumerId])
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
