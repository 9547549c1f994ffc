import { floorTo, HOUR_MS } from '../../model/time.ts'
import { type Certificate, inOrderOfUse } from './certificate.ts'

export interface Refused {
  readonly certificate: Certificate
  readonly reason: string
}

export interface Sorted {
  /** In order of use. */
  readonly usable: readonly Certificate[]
  readonly refused: readonly Refused[]
}

/** Only what was cancelled backs a claim; `Claimed` is a cancelled one that was claimed. */
const CANCELLED: ReadonlySet<string> = new Set(['cancelled', 'claimed'])

/** Tells apart what may back a claim of `beneficiary` (null: of whoever holds the file) and what may not, and why. */
export function sortOut(certificates: readonly Certificate[], beneficiary: string | null): Sorted {
  const refused: Refused[] = []
  const fit: Certificate[] = []
  for (const certificate of certificates) {
    const reason = unfitness(certificate, beneficiary)
    if (reason === null) fit.push(certificate)
    else refused.push({ certificate, reason })
  }
  const usable = onceEach(fit, refused)
  return { usable: usable.sort(inOrderOfUse), refused }
}

function unfitness(certificate: Certificate, beneficiary: string | null): string | null {
  const { status, startsUnixMs, endsUnixMs, expiresUnixMs, cancelledUnixMs } = certificate
  if (!CANCELLED.has(status.toLowerCase())) return `its status is ${status}, and only a cancelled one backs a claim`
  if (floorTo(HOUR_MS, startsUnixMs) !== floorTo(HOUR_MS, endsUnixMs - 1)) return 'it is not inside one UTC hour'
  if (cancelledUnixMs !== null && expiresUnixMs !== null && cancelledUnixMs > expiresUnixMs) {
    return 'it had expired when it was cancelled'
  }
  if (beneficiary !== null && certificate.beneficiary !== beneficiary) {
    return `it was cancelled for ${certificate.beneficiary ?? 'nobody in particular'}`
  }
  return null
}

/** Of certificates that share a number, the first in the order of numbers counts. */
function onceEach(certificates: readonly Certificate[], refused: Refused[]): Certificate[] {
  const once: Certificate[] = []
  for (const [, own] of Map.groupBy(certificates, ({ issuance }) => issuance)) {
    let held: Certificate | null = null
    for (const certificate of own.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
      if (held !== null && certificate.first <= held.last) {
        refused.push({ certificate, reason: `it shares numbers with ${held.where}, and each counts once` })
        continue
      }
      held = certificate
      once.push(certificate)
    }
  }
  return once
}
