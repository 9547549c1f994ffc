/** One balance: a supply is what is metered inside, the machines, and a loss. All in one unit, variances in its square. */
export interface Balance {
  /** Index of the balance whose inside has this supply; -1 for the outermost, which comes last. */
  readonly outer: number
  /** Null where the balance cannot be drawn up: something of it is not known. */
  readonly supply: Measured | null
  readonly machines: Measured | null
  readonly loss: Measured
}

export interface Measured {
  readonly value: number
  readonly variance: number
}

/** What the balance changes each by, so that all balances hold. */
export interface Adjustment {
  readonly supply: number
  readonly machines: number
  readonly loss: number
}

/**
 * Weighted least squares by the stated variances, under the condition that every balance holds:
 * x* = x − W Aᵀ (A W Aᵀ)⁻¹ A x. Each balance meets only its outer one, so that the matrix is a tree and is eliminated from
 * the inside out without filling up. `balances` has each before its outer one. Null for one without a supply.
 */
export function reconcile(balances: readonly Balance[]): (Adjustment | null)[] {
  const isOpen = balances.map(({ supply, machines }) => supply !== null && machines !== null)
  const residual = balances.map(({ supply, machines, loss }, n) =>
    isOpen[n] ? (supply?.value ?? 0) - (machines?.value ?? 0) - loss.value : 0,
  )
  const diagonal = balances.map(({ supply, machines, loss }, n) =>
    isOpen[n] ? (supply?.variance ?? 0) + (machines?.variance ?? 0) + loss.variance : 0,
  )
  // The supply of a balance that is not drawn up is in the outer one all the same.
  for (const { outer, supply } of balances) {
    if (outer < 0 || supply === null || !isOpen[outer]) continue
    residual[outer] = (residual[outer] ?? 0) - supply.value
    diagonal[outer] = (diagonal[outer] ?? 0) + supply.variance
  }
  const weights = eliminate(balances, isOpen, diagonal, residual)
  return balances.map(({ outer, supply, machines, loss }, n) => {
    if (supply === null) return null
    const own = weights[n] ?? 0
    const around = outer >= 0 ? (weights[outer] ?? 0) : 0
    const add = supply.variance * (around - own)
    return { supply: add, machines: (machines?.variance ?? 0) * own, loss: loss.variance * own }
  })
}

/** Solves (A W Aᵀ) λ = A x. */
function eliminate(
  balances: readonly Balance[],
  isOpen: readonly boolean[],
  diagonal: number[],
  residual: number[],
): number[] {
  const couples = ({ outer, supply }: Balance, n: number) =>
    outer >= 0 && isOpen[n] && isOpen[outer] ? -(supply?.variance ?? 0) : 0
  for (const [n, balance] of balances.entries()) {
    const coupling = couples(balance, n)
    if (coupling === 0) continue
    const factor = coupling / (diagonal[n] ?? 1)
    diagonal[balance.outer] = (diagonal[balance.outer] ?? 0) - coupling * factor
    residual[balance.outer] = (residual[balance.outer] ?? 0) - (residual[n] ?? 0) * factor
  }
  const weights = balances.map(() => 0)
  for (let n = balances.length - 1; n >= 0; n--) {
    const balance = balances[n] as Balance
    if (!isOpen[n] || (diagonal[n] ?? 0) <= 0) continue
    const around = balance.outer >= 0 ? (weights[balance.outer] ?? 0) : 0
    weights[n] = ((residual[n] ?? 0) - couples(balance, n) * around) / (diagonal[n] ?? 1)
  }
  return weights
}
