import type { LeafEnergy } from '../model/attribution.ts'
import { type Consumer, UNALLOCATED, UNATTRIBUTED } from '../model/consumer.ts'
import type { AcceleratorTimeline, CardClaims } from './accelerator-timeline.ts'
import type { IdleBook } from './idle-book.ts'
import { isTelling, type MachineRules, machinePools, sumOf } from './machine-pools.ts'
import { Pool, pour, type Take } from './pool.ts'
import type { UseTimeline } from './use-timeline.ts'

/** Energy of the node that is divided at once. */
export interface Span {
  readonly startNs: bigint
  readonly endNs: bigint
  readonly shares: readonly LeafEnergy[]
}

export interface SplitterOptions extends Pick<MachineRules, 'isSpread'> {
  readonly uses: UseTimeline
  readonly cards: AcceleratorTimeline
  readonly idle: IdleBook
}

/** What follows from the other leaves: fans, board and regulators, and the supply before them all. */
const FOLLOWING = ['rest', 'supply_loss']

/** Divides the node's energy of some time among those who reserved and used the machine in exactly that time. */
export class Splitter {
  readonly #options: SplitterOptions

  constructor(options: SplitterOptions) {
    this.#options = options
  }

  /** The parts that `take` gets sum to the energy. The newest use stands for `graceNs` after it too. */
  split(span: Span, graceNs: bigint, unknown: Consumer, take: Take): void {
    const { uses, cards, idle, isSpread } = this.#options
    const { startNs, endNs } = span
    const durationNs = endNs - startNs
    const machine = machinePools(uses.between(startNs, endNs, graceNs), { durationNs, isSpread, unknown })
    const idlePools = [machine.cores, machine.memory]
    const dynamicPools = [machine.work]
    for (const share of inOrder(span.shares)) {
      const { leaf, part } = share
      const isCard = part === 'accelerators'
      const card = isCard ? cards.between(leaf, startNs, endNs) : null
      const utilisation = isCard ? utilisationOf(card, durationNs) : machine.utilisation
      const time = { ...share, startNs, endNs, utilisation: share.isWhole ? utilisation : null }
      const idleUj = idle.idleUj(time)
      const dynamicUj = share.energyUj - (idleUj ?? 0n)
      if (idleUj === null) pour(share.energyUj, [...dynamicPools, ...idlePools], [1])
      else if (FOLLOWING.includes(part)) {
        pour(idleUj, idlePools, machine.idleWeights)
        pour(dynamicUj, dynamicPools, [1])
      } else if (isCard) {
        const own = cardPools(card, { durationNs, isSpread, unknown })
        const isFree = card !== null && sumOf(card.reserved) === 0
        // Nobody holds it to whom what it draws could be spread.
        ;(isSpread && isFree ? machine.cores : own.idle).energyUj += idleUj
        own.dynamic.energyUj += dynamicUj
        idlePools.push(own.idle)
        dynamicPools.push(own.dynamic)
      } else {
        const pool = part === 'memory' ? machine.memory : machine.cores
        pool.energyUj += idleUj
        machine.work.energyUj += dynamicUj
      }
    }
    for (const pool of [...idlePools, ...dynamicPools]) pool.divide(take)
  }
}

function utilisationOf(card: CardClaims | null, durationNs: bigint): number | null {
  return card !== null && isTelling(card.coveredNs, durationNs) ? card.utilisation : null
}

/**
 * A card that stands idle is of those who hold it, and what it draws beyond is of those who used it. What one does that is
 * held and tells no use is of its holders; what one does that nobody seems to hold was done by somebody unknown.
 */
function cardPools(card: CardClaims | null, rules: MachineRules): { readonly idle: Pool; readonly dynamic: Pool } {
  const { consumers = [], use = [], reserved = [], freeNs = 0, coveredNs = 0n } = card ?? {}
  const rule = { ...rules, coveredNs }
  const free = rules.isSpread ? 0 : freeNs
  return {
    idle: new Pool({
      ...rule,
      part: 'idle',
      consumers: [...consumers, UNALLOCATED],
      weights: [...reserved, free],
      otherwise: UNALLOCATED,
    }),
    dynamic: new Pool({
      ...rule,
      part: 'dynamic',
      consumers,
      weights: sumOf(use) > 0 ? use : reserved,
      otherwise: UNATTRIBUTED,
    }),
  }
}

interface LeafShare extends LeafEnergy {
  /** All of the time is told by one source, so that the energy tells the leaf's power. */
  readonly isWhole: boolean
}

/** One for each leaf, those last that follow from the others. */
function inOrder(shares: readonly LeafEnergy[]): LeafShare[] {
  const byLeaf = new Map<string, LeafShare>()
  for (const share of shares) {
    const known = byLeaf.get(share.leaf)
    byLeaf.set(
      share.leaf,
      known ? { ...known, energyUj: known.energyUj + share.energyUj, isWhole: false } : { ...share, isWhole: true },
    )
  }
  const rank = ({ part }: LeafEnergy): number => FOLLOWING.indexOf(part)
  return [...byLeaf.values()].sort((a, b) => rank(a) - rank(b))
}
