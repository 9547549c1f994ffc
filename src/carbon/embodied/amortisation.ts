/** A stock of emissions that is spread evenly over a lifetime. */
export interface Amortised {
  readonly totalUg: bigint
  readonly lifetimeMs: number
  /** Null: the start is unknown, so that only the rate is known. */
  readonly startsUnixMs: number | null
}

/**
 * The part that falls in `[fromUnixMs, toUnixMs)`, in whole µg. It is the difference of two running sums, so the parts
 * of any division of a time add up to the part of the whole, and those of the lifetime to the total, to the µg.
 */
export function amortisedUg(
  { totalUg, lifetimeMs, startsUnixMs }: Amortised,
  fromUnixMs: number,
  toUnixMs: number,
): bigint {
  const atMost = startsUnixMs === null ? Number.POSITIVE_INFINITY : lifetimeMs
  const atLeast = startsUnixMs === null ? Number.NEGATIVE_INFINITY : 0
  const runningUg = (unixMs: number): bigint => {
    const ageMs = Math.min(Math.max(unixMs - (startsUnixMs ?? 0), atLeast), atMost)
    return (totalUg * BigInt(Math.floor(ageMs))) / BigInt(lifetimeMs)
  }
  return toUnixMs > fromUnixMs ? runningUg(toUnixMs) - runningUg(fromUnixMs) : 0n
}
