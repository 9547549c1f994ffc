import type { LeafEnergy } from '../model/attribution.ts'
import type { Consumer } from '../model/consumer.ts'
import type { Part } from '../model/part.ts'
import type { AcceleratorTimeline } from './accelerator-timeline.ts'
import { drawersOf, fill, utilisationOf } from './drawers.ts'
import type { IdleBook } from './idle-book.ts'
import { type MachineRules, machinePools } from './machine-pools.ts'
import { type Pool, pour, type Take } from './pool.ts'
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

/** Told what a leaf of a part drew standing idle, and beyond. */
export type TakePart = (part: Part, idleUj: bigint, dynamicUj: bigint) => void

/** What follows from the other leaves: fans, board and regulators, and the supply before them all. */
const FOLLOWING = ['rest', 'supply_loss']

/** Divides the node's energy of some time among those who reserved and used the machine in exactly that time. */
export class Splitter {
  readonly #options: SplitterOptions

  constructor(options: SplitterOptions) {
    this.#options = options
  }

  /**
   * What `take` gets sums to the energy, as what `takePart` gets does. The newest use stands for `graceNs` after it too.
   * Returns who used the processors then, also where that drew nothing beyond the idle machine.
   */
  split(span: Span, graceNs: bigint, unknown: Consumer, take: Take, takePart: TakePart): readonly Consumer[] {
    const { uses, cards, idle, isSpread } = this.#options
    const { startNs, endNs } = span
    const durationNs = endNs - startNs
    const claims = uses.between(startNs, endNs, graceNs)
    const machine = machinePools(claims, { durationNs, isSpread, unknown })
    const idlePools = [machine.cores, machine.memory]
    const dynamicPools = [machine.work]
    for (const share of inOrder(span.shares)) {
      const { leaf, part } = share
      const beforeUj = filledUj(idlePools)
      const inner = cards.of(leaf).map((card) => cards.between(card, startNs, endNs))
      const drawers = drawersOf(part, inner, machine, { durationNs, isSpread, unknown })
      const utilisation = share.isWhole ? utilisationOf(drawers) : null
      const idleUj = idle.idleUj({ ...share, startNs, endNs, utilisation })
      const dynamicUj = share.energyUj - (idleUj ?? 0n)
      if (idleUj === null) pour(share.energyUj, [...dynamicPools, ...idlePools], [1])
      else if (FOLLOWING.includes(part)) {
        pour(idleUj, idlePools, machine.idleWeights)
        pour(dynamicUj, dynamicPools, [1])
      } else {
        fill(drawers, idleUj, dynamicUj)
        for (const drawer of drawers) {
          if (!idlePools.includes(drawer.idle)) idlePools.push(drawer.idle)
          if (!dynamicPools.includes(drawer.dynamic)) dynamicPools.push(drawer.dynamic)
        }
      }
      const idleOfLeafUj = filledUj(idlePools) - beforeUj
      takePart(part, idleOfLeafUj, share.energyUj - idleOfLeafUj)
    }
    for (const pool of [...idlePools, ...dynamicPools]) pool.divide(take)
    return claims === null ? [] : claims.consumers.filter((_, index) => (claims.cpuNs[index] ?? 0) > 0)
  }
}

function filledUj(pools: readonly Pool[]): bigint {
  return pools.reduce((sum, { energyUj }) => sum + energyUj, 0n)
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
