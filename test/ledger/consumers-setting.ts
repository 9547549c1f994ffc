import type { ConsumerRow, TenantTotal } from '../../src/model/attribution.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import type { Consumer } from '../../src/model/consumer.ts'
import { footprintOf } from '../../src/model/footprint.ts'
import { floorTo, HOUR_MS } from '../../src/model/time.ts'
import { steadyBatch, T0 } from './setting.ts'

export const WEB: Consumer = { kind: 'service', id: 'web.service', name: 'web.service', labels: {} }
export const POD: Consumer = { kind: 'pod', id: '0a1b-2c', name: 'train', labels: { namespace: 'ml' } }

export function consumerRow(consumer: Consumer, tenant: string, more: Partial<ConsumerRow> = {}): ConsumerRow {
  return { hourUnixMs: T0, consumer, tenant, idleUj: 0n, dynamicUj: 0n, ...more }
}

/** The n-th batch of a steady agent whose 1 kJ is split among three: two tenants, and one consumer that both have a share of. */
export function splitBatch(n: number): LedgerBatch {
  const batch = steadyBatch(n)
  const hourUnixMs = floorTo(HOUR_MS, batch.atUnixMs - 1)
  const of = (consumer: Consumer, tenant: string, idleUj: bigint, dynamicUj: bigint) =>
    consumerRow(consumer, tenant, { hourUnixMs, idleUj, dynamicUj })
  const consumerRows = [
    of(WEB, 'shop', 100_000_000n, 300_000_001n),
    of(WEB, 'lab', 0n, 99_999_999n),
    of(POD, 'lab', 200_000_000n, 300_000_000n),
  ]
  const count = BigInt(n + 1)
  const consumers = consumerRows.map(({ consumer, tenant, idleUj, dynamicUj }) => ({
    consumer,
    tenant,
    idleUj: idleUj * count,
    dynamicUj: dynamicUj * count,
    booked: footprintOf([0n, dynamicUj / 7n, 0n, 0n, 0n, idleUj / 11n, 0n, 3n]),
    bornUnixMs: T0,
    goneUnixMs: null,
  }))
  const attributedUj = 1_000_000_000n * count
  const attributedBooked = footprintOf([0n, 9n * count, 0n, 0n, 0n, 5n * count, 0n, 3n])
  const parts = [{ part: 'rest', idleUj: 2n, dynamicUj: 3n, waitingUj: 4n }] as const
  const idle = { 'processors/socket-0': 'v1 7' }
  const attribution = {
    consumers,
    tenants: byTenant(consumers),
    parts,
    attributedUj,
    attributedBooked,
    idle,
    lastUse: `boot 2 /\nwhole ${count}`,
  }
  return { ...batch, consumerRows, state: { ...batch.state, attribution } }
}

export function byTenant(rows: readonly TenantTotal[]): TenantTotal[] {
  const sums = new Map<string, TenantTotal>()
  for (const { tenant, idleUj, dynamicUj } of rows) {
    const { idleUj: idle = 0n, dynamicUj: dynamic = 0n } = sums.get(tenant) ?? {}
    sums.set(tenant, { tenant, idleUj: idle + idleUj, dynamicUj: dynamic + dynamicUj })
  }
  return [...sums.values()]
}

/** All batches of so many hours as one, which closes them. */
export function splitHours(from: number, hours: number): LedgerBatch {
  const batches = Array.from({ length: 360 * hours }, (_, n) => splitBatch(360 * from + n))
  const last = splitBatch(360 * (from + hours) - 1)
  return {
    ...last,
    settledUnixMs: last.atUnixMs + 1_000,
    channels: batches.flatMap((batch) => batch.channels),
    channelRows: batches.flatMap((batch) => batch.channelRows),
    nodeRows: batches.flatMap((batch) => batch.nodeRows),
    partRows: batches.flatMap((batch) => batch.partRows),
    consumerRows: batches.flatMap((batch) => batch.consumerRows),
  }
}
