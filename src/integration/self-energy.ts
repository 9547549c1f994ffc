import { most } from '../model/bigint.ts'

const BILLION = 1_000_000_000n

/** This daemon's own share of the machine's energy: by its share of the processors' time, and what it drew of what it woke. */
export class SelfEnergy {
  readonly #cpuShare: () => number
  readonly #wokenUj: () => bigint
  #countedUj = 0n
  #energyUj: bigint
  /** Up to here the machine's total has been shared. */
  #sharedUj: bigint

  /**
   * @param cpuShare share of the machine's CPU capacity since the last call, 0 to 1
   * @param wokenUj what hardware has drawn so far because this daemon asked it
   */
  constructor(cpuShare: () => number, energyUj: bigint, nodeUj: bigint, wokenUj: () => bigint = () => 0n) {
    this.#cpuShare = cpuShare
    this.#wokenUj = wokenUj
    this.#energyUj = energyUj
    this.#sharedUj = nodeUj
  }

  /** The total, when that of the machine is `nodeUj`. */
  at(nodeUj: bigint): bigint {
    const share = BigInt(Math.round(this.#cpuShare() * 1e9))
    const wokenUj = this.#wokenUj()
    const newlyUj = wokenUj - this.#countedUj
    this.#energyUj += newlyUj + (most(0n, nodeUj - this.#sharedUj - newlyUj) * share) / BILLION
    this.#countedUj = wokenUj
    this.#sharedUj = nodeUj
    return this.#energyUj
  }
}
