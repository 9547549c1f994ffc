import type { ChannelKey } from '../model/channel.ts'
import type { Part } from '../model/part.ts'
import type { LeafSnapshot } from '../model/snapshot.ts'
import type { ChannelAccount } from './channel-account.ts'
import type { NodeAccount } from './node-account.ts'
import type { NodeBooks } from './node-books.ts'
import { nodePowerUw } from './node-power.ts'

/** Figures of the moment. */
export interface Gauges {
  readonly node: { readonly meter: string; readonly powerUw: bigint } | null
  readonly uncertaintyRatio: number | null
  readonly leaves: readonly LeafSnapshot[]
  /** Of each part in the power of now; empty while that is not known. They sum to 1. */
  readonly partShares: ReadonlyMap<Part, number>
  readonly partsExceedMeter: boolean
  /** What the meter of the machine tells less what its model does. */
  readonly modelResidualW: number | null
  /** Every channel that is present. */
  readonly channels: readonly ChannelGauge[]
}

export interface ChannelGauge {
  readonly key: ChannelKey
  /** Null where nothing recent is known. */
  readonly powerUw: bigint | null
  /** False for a channel that is read as power. */
  readonly hasRegister: boolean
  /** True for a register of known width. */
  readonly canWrap: boolean
}

export function gaugesOf(
  node: NodeAccount,
  books: NodeBooks,
  present: readonly ChannelAccount[],
  nowNs: bigint,
): Gauges {
  const { last } = books
  const powerUw = nodePowerUw(node.tree, node.isByLeaves, node.learned, nowNs) ?? books.powerUw(nowNs)
  return {
    node: last === null || powerUw === null ? null : { meter: last.meter, powerUw },
    uncertaintyRatio: books.uncertaintyRatio,
    leaves: node.tree.leaves.map(({ part, place, name }) => ({
      part,
      hardware: place,
      source: node.sources.get(name) ?? 'none',
    })),
    partShares: books.partShares(nowNs),
    partsExceedMeter: node.isByLeaves,
    modelResidualW: node.learned.coupling.residualW(nowNs),
    channels: present.map((account) => ({
      key: account.key,
      powerUw: account.powerUw(nowNs),
      hasRegister: account.channel.kind === 'counter',
      canWrap: account.channel.kind === 'counter' && account.channel.modulus !== null,
    })),
  }
}
