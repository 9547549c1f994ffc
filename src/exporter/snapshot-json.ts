import type { Snapshot } from '../model/snapshot.ts'

/** The snapshot under the names of `model/snapshot.ts`. Whole numbers beyond 2⁵³ are possible, so `bigint` is a string. */
export function snapshotJson(snapshot: Snapshot): string {
  return JSON.stringify(snapshot, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString()
    return value instanceof Map ? Object.fromEntries(value) : value
  })
}
