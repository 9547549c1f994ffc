import { floorTo, HOUR_MS } from '../../model/time.ts'
import { type Certificate, whOf } from './certificate.ts'

/** 1 Wh is 3,600 J. */
export const UJ_PER_WH = 3_600_000_000n

/** Energy that certificates may be used for: a zone in an hour, or in the whole time. */
export interface Need {
  readonly zone: string
  /** Null: whenever it was fed in. */
  readonly hourUnixMs: number | null
  readonly loadUj: bigint
}

export interface Use {
  readonly certificate: Certificate
  readonly wh: bigint
}

/** A zone, and the other zones whose certificates are deliverable to it. */
export type Deliverable = ReadonlyMap<string, readonly string[]>

/**
 * What of each certificate goes to each need, in whole Wh: never more than the need or than the certificate, and nothing to
 * another hour. First each zone takes its own, then, in the order of the needs, what is deliverable to it.
 * `certificates` are in order of use.
 */
export function allocateCertificates<N extends Need>(
  needs: readonly N[],
  certificates: readonly Certificate[],
  deliverable: Deliverable,
): { readonly uses: ReadonlyMap<N, readonly Use[]>; readonly leftWh: ReadonlyMap<Certificate, bigint> } {
  const left = new Map(certificates.map((certificate) => [certificate, whOf(certificate)]))
  const pools = Map.groupBy(certificates, ({ zone, startsUnixMs }) => keyOf(zone, floorTo(HOUR_MS, startsUnixMs)))
  const anytime = Map.groupBy(certificates, ({ zone }) => keyOf(zone, null))
  const uses = new Map<N, Use[]>(needs.map((need) => [need, []]))
  const lackWh = new Map(needs.map((need) => [need, need.loadUj / UJ_PER_WH]))

  const take = (need: N, zone: string) => {
    const pool = (need.hourUnixMs === null ? anytime : pools).get(keyOf(zone, need.hourUnixMs)) ?? []
    for (const certificate of pool) {
      const lack = lackWh.get(need) ?? 0n
      if (lack === 0n) return
      const there = left.get(certificate) ?? 0n
      const wh = there < lack ? there : lack
      if (wh === 0n) continue
      left.set(certificate, there - wh)
      lackWh.set(need, lack - wh)
      uses.get(need)?.push({ certificate, wh })
    }
  }
  for (const need of needs) take(need, need.zone)
  for (const need of needs) for (const zone of deliverable.get(need.zone) ?? []) take(need, zone)
  return { uses, leftWh: left }
}

function keyOf(zone: string, hourUnixMs: number | null): string {
  return `${hourUnixMs} ${zone}`
}
