const BILLION = 1_000_000_000n

/** This daemon's own share of the machine's energy, by its share of the processors' time. */
export class SelfEnergy {
  readonly #cpuShare: () => number
  #energyUj: bigint
  /** Up to here the machine's total has been shared. */
  #sharedUj: bigint

  /** @param cpuShare share of the machine's CPU capacity since the last call, 0 to 1 */
  constructor(cpuShare: () => number, energyUj: bigint, nodeUj: bigint) {
    this.#cpuShare = cpuShare
    this.#energyUj = energyUj
    this.#sharedUj = nodeUj
  }

  /** The total, when that of the machine is `nodeUj`. */
  at(nodeUj: bigint): bigint {
    const share = BigInt(Math.round(this.#cpuShare() * 1e9))
    this.#energyUj += ((nodeUj - this.#sharedUj) * share) / BILLION
    this.#sharedUj = nodeUj
    return this.#energyUj
  }
}
