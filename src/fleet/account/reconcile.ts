/** A piece of the hierarchy as it is known before its sums are made right. Power in W, uncertainties are standard (k = 1). */
export interface Piece {
  readonly name: string
  /** What is known of it alone: a leaf's figure, or a meter around its children. Null where only its children tell. */
  readonly powerW: number | null
  /** Of that figure alone. */
  readonly sdW: number
  /** What errs the same way in every leaf that has it, as one model's bias: it adds up linearly. 0 for a meter. */
  readonly sharedSdW?: number
  readonly children?: readonly Piece[]
}

/** What a piece is after that. Each is the sum of its children. */
export interface Reconciled {
  readonly name: string
  readonly powerW: number
  readonly sdW: number
  /** By how much the meter around it, or the figure of a leaf, was changed; null where there was none. */
  readonly adjustmentW: number | null
  readonly children: readonly Reconciled[]
}

interface Gathered {
  readonly piece: Piece
  readonly powerW: number
  readonly variance: number
  readonly sharedSdW: number
  readonly children: readonly Gathered[]
  /** Of the children alone. */
  readonly sumW: number
  readonly sumVariance: number
}

/**
 * Weighted least squares under the condition that every piece is the sum of its children: figures give way by their
 * variances. On a tree that is one pass up, in which a meter and the sum within it are averaged, and one down.
 */
export function reconcile(piece: Piece): Reconciled {
  const root = gather(piece)
  return settle(root, root.powerW, root.variance)
}

function gather(piece: Piece): Gathered {
  const children = piece.children?.map(gather) ?? []
  if (children.length === 0) {
    const sharedSdW = piece.sharedSdW ?? 0
    const variance = piece.sdW ** 2 + sharedSdW ** 2
    const powerW = piece.powerW ?? 0
    return { piece, powerW, variance, sharedSdW, children, sumW: powerW, sumVariance: variance }
  }
  const sumW = total(children, ({ powerW }) => powerW)
  const sharedSdW = total(children, ({ sharedSdW }) => sharedSdW)
  const sumVariance = total(children, ({ variance, sharedSdW }) => variance - sharedSdW ** 2) + sharedSdW ** 2
  const weight = piece.powerW === null ? 0 : share(sumVariance, piece.sdW ** 2)
  return {
    piece,
    powerW: sumW + weight * ((piece.powerW ?? 0) - sumW),
    variance: sumVariance * (1 - weight),
    sharedSdW: sharedSdW * (1 - weight),
    children,
    sumW,
    sumVariance,
  }
}

/** @param powerW what the piece is, now that all around it has been heard */
function settle({ piece, children, sumW, sumVariance }: Gathered, powerW: number, variance: number): Reconciled {
  const told = piece.powerW
  const weights = children.map((child) =>
    sumVariance > 0
      ? Math.max(child.variance + child.sharedSdW * (total(children, (one) => one.sharedSdW) - child.sharedSdW), 0)
      : 0,
  )
  const whole = total(weights, (weight) => weight)
  const settled = children.map((child, index) => {
    const part = whole > 0 ? (weights[index] ?? 0) / whole : 1 / children.length
    // What is known of the sum takes as much from the doubt about each part as it moves it.
    const known = Math.max(0, 1 - variance / Math.max(sumVariance, Number.MIN_VALUE))
    const left = Math.max(0, child.variance - part ** 2 * sumVariance * known)
    return settle(child, child.powerW + part * (powerW - sumW), left)
  })
  return {
    name: piece.name,
    powerW: children.length === 0 ? powerW : total(settled, (child) => child.powerW),
    sdW: Math.sqrt(variance),
    adjustmentW: told === null ? null : powerW - told,
    children: settled,
  }
}

/** How much of a difference the side with `variance` gives way. */
const share = (variance: number, other: number): number => (variance + other > 0 ? variance / (variance + other) : 0.5)

const total = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0)
