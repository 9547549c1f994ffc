import { UJ_PER_KWH } from '../../model/units.ts'
import { FleetFault } from '../fleet-fault.ts'
import { type Amounts, divided, sumOf } from './amounts.ts'
import type { Inputs } from './inputs.ts'

const PPM = 1_000_000n
const UG_PER_MG = 1_000n

export interface Emitted {
  readonly facilityUj: Amounts
  readonly co2eUg: Amounts
}

/**
 * What a cluster took from its grid in an hour and what that emitted, by user: computed once for all of it, then divided by
 * energy, so that overheads are in proportion. Null where it was not asked for. Throws a FleetFault.
 */
export function emissionsOf(
  { pue, intensity }: Inputs,
  cluster: string,
  energyUj: Amounts,
  unixMs: number,
): Emitted | null {
  if (pue === null || intensity === null) return null
  const all = sumOf(energyUj.values())
  // Hours of which nothing is known need no figures.
  if (all === 0n) return { facilityUj: new Map(), co2eUg: new Map() }
  const puePpm = pue.one('', cluster, unixMs) ?? lacking('pue', cluster, unixMs)
  const mgPerKwh = intensity.one('', cluster, unixMs) ?? lacking('intensity', cluster, unixMs)
  const share = (whole: bigint) => divided(whole, energyUj) ?? new Map<string, bigint>()
  return {
    facilityUj: share(rounded(all * puePpm, PPM)),
    co2eUg: share(rounded(all * puePpm * mgPerKwh * UG_PER_MG, PPM * UJ_PER_KWH)),
  }
}

/** Half up. */
function rounded(value: bigint, divisor: bigint): bigint {
  return (2n * value + divisor) / (2n * divisor)
}

function lacking(term: string, cluster: string, unixMs: number): never {
  const hour = `${new Date(unixMs).toISOString().slice(0, 16)}Z`
  throw new FleetFault('FLEET_FILE', `${term}: expected a row for cluster ${cluster} at ${hour}, found none: add it`)
}
