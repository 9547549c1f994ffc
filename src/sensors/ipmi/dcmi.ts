import type { Value } from '../../native/polled-sensor.ts'

const UW_PER_W = 1_000_000n
/** The end of the 16-bit field. */
const SATURATED_W = 0xffffn
const ACTIVE = 0x40n

/** Get Power Reading (DCMI 1.5, section 6.6.1), as `native/ipmi/source.cc` packs it. */
export interface DcmiPower {
  readonly watts: bigint
  readonly leastWatts: bigint
  readonly mostWatts: bigint
  /** The BMC says that it measures: some measure and say that they do not. */
  readonly isActive: boolean
}

export function dcmiPower(raw: bigint): DcmiPower {
  const field = (shift: bigint): bigint => (raw >> shift) & 0xffffn
  return {
    watts: field(0n),
    leastWatts: field(24n),
    mostWatts: field(40n),
    isActive: ((raw >> 16n) & ACTIVE) !== 0n,
  }
}

/** The power; null for the end of the field. 0 W, which no running host draws, is for the caller. */
export function dcmiMicrowatts(raw: bigint): bigint | null {
  const { watts } = dcmiPower(raw)
  return watts === SATURATED_W ? null : watts * UW_PER_W
}

/** The largest power that can be told. */
export const MOST_DCMI_UW = (SATURATED_W - 1n) * UW_PER_W

/** Readings in a row beyond the BMC's own extremes until it is the extremes that are not believed. */
const CONTRADICTIONS = 12
/** Extremes lag behind the reading, and a step of load is not a fault: so far beyond them a reading is believed. */
const MARGIN = 2n
const MARGIN_W = 100n

/**
 * Takes readings one after the other. One far beyond the extremes that came with it contradicts itself: a glitch. Some
 * BMCs keep no extremes (0) or copy the reading into them, and where they are frozen, it shows in a row of contradictions.
 */
export function dcmiInterpreter(): (raw: bigint) => Value {
  let contradictions = 0
  return (raw) => {
    const power = dcmiPower(raw)
    if (power.watts === 0n) return { corrupt: '0 W from a running host' }
    if (power.watts === SATURATED_W) return { corrupt: `${SATURATED_W} W: the field is saturated` }
    const contradiction = contradictionOf(power)
    if (contradictions < CONTRADICTIONS) {
      contradictions = contradiction === null ? 0 : contradictions + 1
      if (contradiction !== null && contradictions < CONTRADICTIONS) return { corrupt: contradiction }
    }
    return { powerUw: power.watts * UW_PER_W }
  }
}

function contradictionOf({ watts, leastWatts, mostWatts }: DcmiPower): string | null {
  if (mostWatts > 0n && watts > mostWatts * MARGIN + MARGIN_W)
    return `${watts} W, where the BMC's own maximum is ${mostWatts} W`
  if (leastWatts <= mostWatts && watts * MARGIN + MARGIN_W < leastWatts)
    return `${watts} W, where the BMC's own minimum is ${leastWatts} W`
  return null
}
