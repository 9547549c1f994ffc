import type { Piece } from './consumer-rows.ts'
import { type Figures, MASSES, NO_FIGURES } from './figures.ts'
import { added, divide } from './shares.ts'

/** What a statement says of its tenant beside the rows. */
export interface Statement {
  readonly tenant: string
  /** What its consumers had. */
  readonly own: Figures
  /** Its part of what nobody had reserved or used, which is in no row. */
  readonly unallocated: Figures
  /** What nobody had reserved or used, of the whole machine. */
  readonly pool: Figures
  /** Of the machine's energy, what was split among consumers; null without energy. */
  readonly splitPct: number | null
  /** Of the own energy, what was reserved and not used. */
  readonly idlePct: number | null
}

/** The tenant's statement, day by day, so that the statement of a year is the sum of those of its months. */
export class StatementTally {
  readonly #tenant: string
  /** Tenant of what no rule names. */
  readonly #unassigned: string
  #own: Figures = EMPTY
  #unallocated: Figures = EMPTY
  #pool: Figures = EMPTY
  #splitUj = 0n
  #nodeUj = 0n
  readonly #tenants = new Set<string>()

  constructor(tenant: string, unassigned: string) {
    this.#tenant = tenant
    this.#unassigned = unassigned
  }

  addDay(node: Figures, pieces: readonly Piece[]): void {
    const split = pieces.filter(({ consumerId }) => consumerId !== '')
    const users = split.filter((piece) => !this.#isPool(piece))
    const pool = sumOf(split.filter((piece) => this.#isPool(piece)))
    for (const { tenant } of split) this.#tenants.add(tenant)
    this.#own = added(this.#own, sumOf(split.filter((piece) => this.isOwn(piece))))
    this.#pool = added(this.#pool, pool)
    this.#unallocated = added(this.#unallocated, this.#shareOf(pool, users))
    this.#nodeUj += node.energyUj
    this.#splitUj += sumOf(split).energyUj
  }

  /** Whether the tenant answers for it. */
  isOwn(piece: Piece): boolean {
    return piece.consumerId !== '' && piece.tenant === this.#tenant && !this.#isPool(piece)
  }

  /** Names of all tenants, in order. */
  get tenants(): string[] {
    return [...this.#tenants].sort()
  }

  get statement(): Statement {
    const { energyUj, idleUj } = this.#own
    return {
      tenant: this.#tenant,
      own: this.#own,
      unallocated: this.#unallocated,
      pool: this.#pool,
      splitPct: percent(this.#splitUj, this.#nodeUj),
      idlePct: percent(idleUj ?? 0n, energyUj),
    }
  }

  /** A rule that names somebody for what nobody used is a decision: then it is his. */
  #isPool({ kind, tenant }: Piece): boolean {
    return kind === 'unallocated' && tenant === this.#unassigned
  }

  /** In proportion to the energy of the day, by largest remainder over all tenants in the order of their names. */
  #shareOf(pool: Figures, users: readonly Piece[]): Figures {
    const byTenant = Map.groupBy(users, ({ tenant }) => tenant)
    const names = [...byTenant.keys()].sort()
    const index = names.indexOf(this.#tenant)
    if (index < 0) return EMPTY
    const weights = names.map((name) => sumOf(byTenant.get(name) ?? []).energyUj)
    const share = (whole: bigint | null) => divide(whole, weights)[index] ?? null
    const masses = Object.fromEntries(MASSES.map((mass) => [mass, share(pool[mass])]))
    const energyUj = share(pool.energyUj) ?? 0n
    return { ...EMPTY, ...masses, energyUj, idleUj: energyUj, cost: share(pool.cost) }
  }
}

const EMPTY: Figures = { ...NO_FIGURES, idleUj: 0n, dynamicUj: 0n }

function sumOf(pieces: readonly Piece[]): Figures {
  return pieces.reduce((sum, { figures }) => added(sum, figures), EMPTY)
}

function percent(part: bigint, whole: bigint): number | null {
  return whole === 0n ? null : (100 * Number(part)) / Number(whole)
}
