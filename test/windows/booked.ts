import { type BookedPosting, NOTHING_BOOKED } from '../../src/model/node-taker.ts'
import { NS_PER_S } from '../../src/model/units.ts'

/** Of `[startS, endS)` on a clock that began at 1970, at a power in watts, emitting a µg for each µJ. */
export function posting(startS: number, endS: number, w: number): BookedPosting {
  const energyUj = BigInt(Math.round((endS - startS) * w * 1e6))
  return {
    ...during(startS, endS),
    shares: [{ leaf: 'processors/socket-0', part: 'processors', quality: 'measured', energyUj }],
    coveredNs: 0n,
    uncertainty: new Map([['rapl', Number(energyUj) * 0.05]]),
    booked: { ...NOTHING_BOOKED, facilityUj: energyUj, co2eLocationUg: energyUj, co2eMarketUg: null },
  }
}

export function coverage(startS: number, endS: number): BookedPosting {
  const span = during(startS, endS)
  const coveredNs = span.endNs - span.startNs
  return { ...span, shares: [], coveredNs, uncertainty: new Map(), booked: NOTHING_BOOKED }
}

export const ns = (s: number): bigint => BigInt(Math.round(s * 1e3)) * (NS_PER_S / 1000n)

function during(startS: number, endS: number): { readonly startNs: bigint; readonly endNs: bigint } {
  return { startNs: ns(startS), endNs: ns(endS) }
}
