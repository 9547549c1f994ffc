import type { Certificate } from '../../../src/fleet/match/certificate.ts'

export const HOUR_MS = 3_600_000

/** Cancelled, of the hour that begins then, of one Wh. */
export function certificateAt(startsUnixMs: number, more: Partial<Certificate> = {}): Certificate {
  return {
    issuance: 'GC',
    first: 0n,
    last: 0n,
    faceWh: 1n,
    startsUnixMs,
    endsUnixMs: startsUnixMs + HOUR_MS,
    zone: 'DE',
    status: 'Cancelled',
    expiresUnixMs: null,
    cancelledUnixMs: null,
    beneficiary: null,
    energySource: null,
    isStorage: false,
    storageEfficiency: null,
    mgPerKwh: 0n,
    where: 'gc.csv:2',
    ...more,
  }
}
