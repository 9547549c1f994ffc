import type { Measured } from './account.ts'
import { type Piece, type Reconciled, reconcile } from './reconcile.ts'

/** One balance of an hour: a supply is what is metered inside, the machines, and a loss. In joules. */
export interface Balance {
  /** Index of the balance whose inside has this supply; -1 for the outermost. */
  readonly outer: number
  readonly supply: Measured | null
  /** Null where the balance cannot be drawn up: its supply, one inside it or a machine is not known. */
  readonly machines: Measured | null
  readonly loss: Measured
}

/** What reconciling changes each by, in joules, so that all balances hold. */
export interface Adjustment {
  readonly supply: number
  readonly machines: number
  readonly loss: number
}

const S_PER_HOUR = 3600

/** What weighted least squares by the stated variances change, by the index of a balance; nothing of one without a supply. */
export function adjustAll(balances: readonly Balance[]): ReadonlyMap<number, Adjustment> {
  const inner = Map.groupBy(balances.keys(), (n) => balances[n]?.outer ?? -1)
  const isDrawnUp = (n: number) => (balances[n]?.machines ?? null) !== null
  const pieceOf = (n: number): Piece => {
    const { supply, machines, loss } = balances[n] as Balance
    const children =
      machines === null
        ? []
        : [leafOf('machines', machines), leafOf('loss', loss), ...(inner.get(n) ?? []).map(pieceOf)]
    return { ...leafOf(String(n), supply as Measured), children }
  }
  const all = new Map<number, Adjustment>()
  const take = (n: number, { adjustmentW, children: [machines, loss, ...inside] }: Reconciled): void => {
    all.set(n, {
      supply: joulesOf(adjustmentW),
      machines: joulesOf(machines?.adjustmentW),
      loss: joulesOf(loss?.adjustmentW),
    })
    for (const one of inside) take(Number(one.name), one)
  }
  for (const [n, { outer, supply }] of balances.entries()) {
    // What stands in a balance that is not drawn up is the outermost of its own.
    if (supply !== null && !isDrawnUp(outer)) take(n, reconcile(pieceOf(n)))
  }
  return all
}

/** Mean power of the hour. */
function leafOf(name: string, { value, variance }: Measured): Piece {
  return { name, powerW: value / S_PER_HOUR, sdW: Math.sqrt(variance) / S_PER_HOUR }
}

function joulesOf(watts: number | null | undefined): number {
  return S_PER_HOUR * (watts ?? 0)
}
