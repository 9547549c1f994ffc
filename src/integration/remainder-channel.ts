import type { ChannelState } from '../model/batch.ts'
import { channelKey, type PowerChannel } from '../model/channel.ts'
import { meanPowerUw, NS_PER_S } from '../model/units.ts'
import type { NodePosting } from './node-source.ts'

/** k = 1, of the usual host: 0.1155 of Boavizta's range and 0.03 of the supply's loss, in quadrature, of 0.33. */
const RELATIVE_UNCERTAINTY = 0.36

/** The modelled part of the node's energy, the supply's loss included, shown beside the metered channels as scope `other` (DESIGN section 4.5). */
export const REMAINDER: PowerChannel = {
  sensor: 'account',
  scope: 'other',
  device: 'remainder',
  kind: 'power',
  quality: 'derived',
  maxPowerUw: 0n,
  relativeUncertainty: RELATIVE_UNCERTAINTY,
  nodeMeter: null,
  hardware: null,
  intervalNs: NS_PER_S,
  facts: {},
}

export const REMAINDER_KEY = channelKey(REMAINDER)

/** Total and present power of the remainder. */
export class RemainderChannel {
  #energyUj: bigint
  #powerUw: bigint | null = null

  constructor(state: ChannelState | undefined) {
    this.#energyUj = state?.energyUj ?? 0n
  }

  /** False on a machine whose meter leaves nothing out: the channel does not exist. */
  get exists(): boolean {
    return this.#energyUj > 0n
  }

  /** Null while the meter in force leaves nothing out. */
  get powerUw(): bigint | null {
    return this.#powerUw
  }

  get state(): ChannelState {
    const nothing = { unaccountedNs: 0n, wraps: 0, resets: 0, last: null, unsettled: null }
    return { key: REMAINDER_KEY, energyUj: this.#energyUj, ...nothing }
  }

  add({ remainderUj, startNs, endNs }: NodePosting): void {
    this.#energyUj += remainderUj
    this.#powerUw = remainderUj > 0n ? meanPowerUw(remainderUj, endNs - startNs) : null
  }
}
