import type { ChannelState, LedgerHealth, LedgerState } from '../model/batch.ts'
import { type CarbonAccount, NO_CARBON } from '../model/carbon.ts'
import type { ChannelKey, Scope } from '../model/channel.ts'
import type { ChannelSnapshot, SensorSnapshot, Snapshot } from '../model/snapshot.ts'
import type { Gauges } from './integration.ts'

export interface SnapshotInput {
  readonly atUnixMs: number
  readonly node: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  /** What the ledger holds for certain; null before the first flush of a new ledger. */
  readonly durable: LedgerState | null
  readonly gauges: Gauges
  readonly sensors: readonly SensorSnapshot[]
  readonly carbon: CarbonAccount
  readonly ledger: LedgerHealth
}

const NO_TOTALS: Omit<ChannelState, 'key'> = {
  energyUj: 0n,
  unaccountedNs: 0n,
  wraps: 0,
  resets: 0,
  last: null,
  unsettled: null,
}

/** Totals as the ledger has them, gauges as they are now. */
export function snapshotOf({ durable, gauges, carbon, node, ...rest }: SnapshotInput): Snapshot {
  const totals = new Map(durable?.channels.map((state) => [state.key, state]))
  return {
    ...rest,
    node: {
      ...node,
      totals: durable?.node ?? {
        energyUj: { measured: 0n, derived: 0n, estimated: 0n },
        unaccountedNs: 0n,
      },
      meter: gauges.node?.meter ?? null,
      powerUw: gauges.node?.powerUw ?? null,
      uncertaintyRatio: gauges.uncertaintyRatio,
    },
    channels: [...gauges.powerUw].map(([key, powerUw]) => channelOf(key, totals.get(key), powerUw)),
    carbon: durable?.carbon ?? NO_CARBON,
    counted: carbon.counted,
    intensities: carbon.intensities(),
    puePpm: carbon.puePpm,
    selfEnergyUj: gauges.selfEnergyUj,
  }
}

function channelOf(key: ChannelKey, state: ChannelState | undefined, powerUw: bigint | null): ChannelSnapshot {
  const [sensor = '', scope = '', ...device] = key.split('/')
  const { energyUj, unaccountedNs, wraps, resets } = state ?? NO_TOTALS
  return { sensor, scope: scope as Scope, device: device.join('/'), energyUj, unaccountedNs, powerUw, wraps, resets }
}
