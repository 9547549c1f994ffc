import { floorTo, HOUR_MS } from '../../model/time.ts'

const SLOT_MS = 5 * 60_000

interface Mean {
  readonly startsUnixMs: number
  readonly endsUnixMs: number
  readonly mgPerKwh: bigint
}

/**
 * Means of samples over five minutes. Neighbours with the same mean become one, up to an hour, since each becomes a row
 * of the ledger. Five minutes and hours are those of UTC, so that samples fetched again give the same means.
 */
export function meansOf(samples: Iterable<readonly [unixMs: number, mgPerKwh: bigint]>): Mean[] {
  const slots = new Map<number, { sumMg: bigint; count: bigint }>()
  for (const [unixMs, mgPerKwh] of samples) {
    const startsUnixMs = floorTo(SLOT_MS, unixMs)
    const { sumMg, count } = slots.get(startsUnixMs) ?? { sumMg: 0n, count: 0n }
    slots.set(startsUnixMs, { sumMg: sumMg + mgPerKwh, count: count + 1n })
  }
  const means: Mean[] = []
  for (const [startsUnixMs, { sumMg, count }] of [...slots].toSorted(([a], [b]) => a - b)) {
    const mean = { startsUnixMs, endsUnixMs: startsUnixMs + SLOT_MS, mgPerKwh: (2n * sumMg + count) / (2n * count) }
    const before = means.at(-1)
    if (before !== undefined && continues(before, mean)) {
      means[means.length - 1] = { ...before, endsUnixMs: mean.endsUnixMs }
    } else {
      means.push(mean)
    }
  }
  return means
}

function continues(before: Mean, next: Mean): boolean {
  const isNeighbour = before.endsUnixMs === next.startsUnixMs && next.startsUnixMs % HOUR_MS !== 0
  return isNeighbour && before.mgPerKwh === next.mgPerKwh
}
