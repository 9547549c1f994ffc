/**
 * A bundle of granular certificates (EnergyTag, Granular Certificate Scheme Standard v2): energy that one device fed in within
 * one hour, in whole Wh that are numbered from `first` to `last`. A split keeps the issuance and gets a part of the numbers.
 */
export interface Certificate {
  readonly issuance: string
  readonly first: bigint
  readonly last: bigint
  /** Of each number. */
  readonly faceWh: bigint
  /** Of a storage: when it was discharged. */
  readonly startsUnixMs: number
  readonly endsUnixMs: number
  /** Where it was fed in: a bidding zone or a node. */
  readonly zone: string
  readonly status: string
  readonly expiresUnixMs: number | null
  /** When it was cancelled; null where the register does not say. */
  readonly cancelledUnixMs: number | null
  readonly beneficiary: string | null
  readonly energySource: string | null
  readonly isStorage: boolean
  /** Energy out for energy in. */
  readonly storageEfficiency: number | null
  /** Of the device; the register's kg/MWh are the same. */
  readonly mgPerKwh: bigint
  /** Where it stands, for messages: `certificates.csv:12`. */
  readonly where: string
}

export function whOf({ first, last, faceWh }: Certificate): bigint {
  return (last - first + 1n) * faceWh
}

/** `GC-7/0-999` */
export function idOf({ issuance, first, last }: Certificate): string {
  return `${issuance}/${first}-${last}`
}

/** By expiry, so that what is lost first is used first; then by id, so that every run is the same. */
export function inOrderOfUse(a: Certificate, b: Certificate): number {
  const [early, late] = [a.expiresUnixMs ?? Number.POSITIVE_INFINITY, b.expiresUnixMs ?? Number.POSITIVE_INFINITY]
  if (early !== late) return early < late ? -1 : 1
  if (a.issuance !== b.issuance) return a.issuance < b.issuance ? -1 : 1
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0
}
