import { most } from '../model/bigint.ts'
import type { Consumer } from '../model/consumer.ts'
import { shareOut } from '../model/share.ts'

/** Who used an accelerator in `[startNs, endNs)`, and who had it reserved. Neither sums to more than the interval. */
export interface AcceleratorUse {
  /** The account's name of the card: `accelerators/0000:3b:00.0`. */
  readonly leaf: string
  readonly startNs: bigint
  readonly endNs: bigint
  readonly holders: readonly {
    readonly consumer: Consumer
    /** Nanoseconds of the whole card: the time in which it worked for this consumer. */
    readonly use: bigint
    /** Nanoseconds of the whole card that nobody else could have had. */
    readonly reserved: bigint
  }[]
  /** Share of the time in which the card did anything, from 0 to 1; null where the driver does not tell. */
  readonly utilisation: number | null
}

export interface ReservedIdle {
  readonly consumer: Consumer
  readonly idleNs: bigint
}

/** Time of the whole card in which it did nothing while consumers held it, each one's by what it reserved and did not use. */
export function reservedIdle({ startNs, endNs, holders, utilisation }: AcceleratorUse): readonly ReservedIdle[] {
  const intervalNs = endNs - startNs
  const usedNs = holders.reduce((sum, { use }) => sum + use, 0n)
  const busyNs = most(usedNs, BigInt(Math.round((utilisation ?? 0) * Number(intervalNs))))
  const slack = holders.map(({ use, reserved }) => most(reserved - use, 0n))
  const slackNs = slack.reduce((sum, ns) => sum + ns, 0n)
  const idleNs = most(intervalNs - busyNs, 0n)
  const parts = idleNs < slackNs ? shareOut(idleNs, slack) : slack
  return holders.flatMap(({ consumer }, index) => {
    const part = parts[index] ?? 0n
    return part > 0n ? [{ consumer, idleNs: part }] : []
  })
}
