import { createHash } from 'node:crypto'
import type { AttributionState, ConsumerRow } from '../src/model/attribution.ts'
import type { LedgerBatch } from '../src/model/batch.ts'
import type { Consumer } from '../src/model/consumer.ts'
import { footprintOf } from '../src/model/footprint.ts'
import { floorTo, HOUR_MS } from '../src/model/time.ts'

/** How many consumers a host has for good. */
export const LASTING = 200
const TENANTS = 20

const SERVICES = Array.from({ length: LASTING }, (_, n): Consumer => {
  const name = `workload-${n}.service`
  return { kind: 'service', id: name, name, labels: {} }
})

const tenantOf = (n: number): string => `tenant-${n % TENANTS}`

/** What the first of the lasting consumers use of a time, each its own share. */
export function useOf(hourUnixMs: number, count: number, energyUj: bigint): ConsumerRow[] {
  const total = BigInt((count * (count + 1)) / 2)
  return SERVICES.slice(0, count).map((consumer, n) => {
    const shareUj = (energyUj * BigInt(n + 1)) / total
    return { hourUnixMs, consumer, tenant: tenantOf(n), idleUj: shareUj / 3n, dynamicUj: shareUj - shareUj / 3n }
  })
}

/** A container as a runtime names it, which lives within an hour. */
function shortLived(n: number): Consumer {
  const id = createHash('sha256').update(`${n}`).digest('hex')
  const labels = { namespace: 'ci', image: 'registry.example.org/ci/runner:2026.1' }
  return { kind: 'container', id, name: `job-${n}-${id.slice(0, 5)}`, labels }
}

/** The n-th batch with all of so many consumers at work, and their totals. */
export function splitAmong(count: number, n: number, batch: LedgerBatch): LedgerBatch {
  if (count === 0) return batch
  const consumerRows = useOf(floorTo(HOUR_MS, batch.atUnixMs), count, 75_000_000_000n)
  const times = BigInt(n + 1)
  const consumers = consumerRows.map(({ consumer, tenant, idleUj, dynamicUj }) => {
    const life = { bornUnixMs: 0, goneUnixMs: null }
    const booked = footprintOf([0n, dynamicUj * times, 0n, 0n, 0n, idleUj * times, 0n, 0n])
    return { consumer, tenant, idleUj: idleUj * times, dynamicUj: dynamicUj * times, booked, ...life }
  })
  const tenants = Array.from({ length: TENANTS }, (_, m) => ({ tenant: tenantOf(m), idleUj: times, dynamicUj: times }))
  const attributedBooked = footprintOf([0n, times, 0n, 0n, 0n, times, 0n, 0n])
  const counts = consumers.map((_, m) => `${(m + 4_000).toString(16)} ${(times * 0xabcdef0123n).toString(16)}`)
  const lastUse = ['boot', ...counts].join('\n')
  const attribution: AttributionState = { consumers, tenants, attributedUj: times, attributedBooked, idle: {}, lastUse }
  return { ...batch, consumerRows, state: { ...batch.state, attribution } }
}

/** Containers that live within an hour, no two of them alike. */
export function passingIn(hourUnixMs: number, count: number): ConsumerRow[] {
  return Array.from({ length: count }, (_, n) => {
    const consumer = shortLived((hourUnixMs / HOUR_MS) * 10_000 + n)
    return { hourUnixMs, consumer, tenant: tenantOf(n), idleUj: 40_000_000n, dynamicUj: 160_000_000n }
  })
}
