import type { AttributionAccount } from '../model/attribution.ts'
import type { LedgerState } from '../model/batch.ts'
import type { CarbonAccount } from '../model/carbon.ts'
import type { ChannelKey } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import type { NodeTaker } from '../model/node-taker.ts'
import type { WindowRow } from '../model/window.ts'
import type { Supply } from './supply.ts'

/** What is known of the machine besides its channels. */
export interface MachineModel {
  readonly supply: Supply
  /** Installed memory in GB as far as it is known by now, for what no channel meters. */
  readonly memoryGb: number
}

export interface IntegrationOptions {
  readonly clock: Clock
  readonly bootId: string
  /** `node.meter`: `auto` or the name of the one meter to use. */
  readonly meter: string
  readonly machine: MachineModel
  readonly carbon: CarbonAccount
  /** Null where nobody splits the node's energy. */
  readonly attribution: AttributionAccount | null
  /** Told of everything that is settled, in the order in which it is. */
  readonly takers?: readonly NodeTaker[]
  /** Measured windows that each flush brings up to date. */
  readonly windows?: { collect(): readonly WindowRow[] }
  /** What the ledger holds, or null for a new one. */
  readonly restored: LedgerState | null
  /** Share of the machine's CPU capacity that this process used since the last call, 0 to 1. */
  readonly selfCpuShare: () => number
  /** µJ that hardware has drawn so far because this process asked it. Default: none. */
  readonly selfWokenUj?: () => bigint
}

/** A reading that cannot be true, found only by its consequences. */
export interface Corruption {
  readonly key: ChannelKey
  readonly message: string
}
