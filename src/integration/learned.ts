import type { LeafModelState, LedgerState } from '../model/batch.ts'
import { Anchors } from './anchor/anchors.ts'
import { Teaching } from './anchor/teaching.ts'
import type { ChannelAccount } from './channel-account.ts'
import { Coupling } from './coupling.ts'
import { LearnedSupply } from './learned-supply.ts'
import type { Supply } from './supply.ts'
import type { WholeMeter } from './whole-meter.ts'

/** What was learned of the supplies goes by this name. */
const SUPPLY = 'supply_loss'

type Restored = Pick<LedgerState, 'nodeModels' | 'leafModels'> | null

/** All that meters taught of the machine. */
export class Learned {
  /** Of the whole. */
  readonly coupling: Coupling
  /** Of single leaves. */
  readonly anchors: Anchors
  readonly supply: LearnedSupply
  readonly #ofSupply: Teaching

  /** @param wanted `node.meter` */
  constructor(wanted: string, supply: Supply, restored: Restored, nowNs: bigint) {
    const leafModels = restored?.leafModels ?? []
    this.coupling = new Coupling(wanted, restored?.nodeModels ?? [], nowNs)
    this.anchors = new Anchors(leafModels, nowNs)
    this.supply = new LearnedSupply(supply)
    for (const { name, learned } of leafModels) if (name === SUPPLY) this.supply.restore(learned)
    this.#ofSupply = new Teaching(this.supply)
  }

  /** Of single leaves and of the supplies, for a restart. */
  get leafModels(): readonly LeafModelState[] {
    const { state } = this.supply
    return [...this.anchors.states, ...(state === null ? [] : [{ name: SUPPLY, learned: state }])]
  }

  /** Compares a meter at the machine's input with one behind the supply, where all of both tell. */
  learnSupply(
    input: { readonly meter: WholeMeter; readonly members: readonly ChannelAccount[] },
    wholes: readonly WholeMeter[],
    { startNs, endNs, wholeUj }: { readonly startNs: bigint; readonly endNs: bigint; readonly wholeUj: bigint },
  ): void {
    const { meter, members } = input
    const behind = wholes.find(({ channel }) => channel.scope === 'dc_node')
    if (meter.isBehindSupply || !meter.isWhole(members) || behind?.channel.quality !== 'measured') return
    this.#ofSupply.add({ ...meter.channel, patienceNs: 0n }, behind, startNs, endNs, wholeUj)
  }
}
