import type { WorkloadTotal } from '../model/workload.ts'

/** Embodied carbon that nobody knows stays unknown in every sum. */
export function sumOf(a: WorkloadTotal, b: WorkloadTotal): WorkloadTotal {
  return {
    units: merged(a.units, b.units, (x, y) => x + y),
    energyUj: sumsOf(a.energyUj, b.energyUj),
    locationNg: sumsOf(a.locationNg, b.locationNg),
    embodiedNg: a.embodiedNg === null || b.embodiedNg === null ? null : a.embodiedNg + b.embodiedNg,
  }
}

/** Sums by what they are sums of. */
export function sumsOf<Key extends string>(a: Sums<Key, bigint>, b: Sums<Key, bigint>): Sums<Key, bigint> {
  return merged(a, b, (x, y) => x + y)
}

type Sums<Key extends string, Value> = Readonly<Partial<Record<Key, Value>>>

/** What only one of both has is its alone. */
function merged<Key extends string, Value>(
  a: Sums<Key, Value>,
  b: Sums<Key, Value>,
  plus: (x: Value, y: Value) => Value,
): Sums<Key, Value> {
  const sums: Partial<Record<Key, Value>> = { ...a }
  for (const [key, value] of Object.entries(b) as [Key, Value][]) {
    const own = sums[key]
    sums[key] = own === undefined ? value : plus(own, value)
  }
  return sums
}
