import { HOUR_MS } from '../../model/time.ts'
import { utc } from '../../report/span.ts'
import { CertificateRegister, type Claim, type Numbers } from '../ledger/certificate-register.ts'
import type { Deliverable } from './allocate-certificates.ts'
import type { Certificate } from './certificate.ts'
import { type LoadHour, type Match, match } from './match.ts'
import type { Refused, Sorted } from './usable.ts'

export interface OnceOptions {
  /** Its file, which is made if it is not there. */
  readonly register: string
  readonly claimant: string
  /** At least one. */
  readonly loads: readonly LoadHour[]
  readonly deliverable: Deliverable
  /** When it is recorded; null records nothing. */
  readonly nowUnixMs: number | null
}

/**
 * Matches consumption with what no other claim has used, and records what it uses: all of it, or nothing where it throws a
 * FleetFault.
 */
export function matchOnce(sorted: Sorted, options: OnceOptions): Pick<Sorted, 'refused'> & { readonly match: Match } {
  const { loads, deliverable, nowUnixMs } = options
  const claim = claimOf(options)
  const register = new CertificateRegister(options.register)
  try {
    return register.atOnce(() => {
      const { usable, refused } = withoutUsed(sorted, register, claim)
      const matched = match(loads, usable, deliverable)
      if (nowUnixMs !== null) register.record(claim, usedNumbers(matched), nowUnixMs)
      return { match: matched, refused }
    })
  } finally {
    register.close()
  }
}

function claimOf({ claimant, loads }: OnceOptions): Claim {
  let [fromUnixMs, untilUnixMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { hourUnixMs } of loads) {
    fromUnixMs = Math.min(fromUnixMs, hourUnixMs)
    untilUnixMs = Math.max(untilUnixMs, hourUnixMs + HOUR_MS)
  }
  return { claimant, fromUnixMs, untilUnixMs }
}

/** Leaves out what other claims have used. A certificate of which some numbers are left is split, as its register would. */
function withoutUsed({ usable, refused }: Sorted, register: CertificateRegister, claim: Claim): Sorted {
  const left: Certificate[] = []
  const used: Refused[] = []
  for (const certificate of usable) {
    let { first } = certificate
    for (const { by, ...numbers } of register.excluded(certificate, claim)) {
      const from = numbers.first > first ? numbers.first : first
      const last = numbers.last < certificate.last ? numbers.last : certificate.last
      // The part that an earlier claim has already.
      if (last < from) continue
      if (from > first) left.push({ ...certificate, first, last: from - 1n })
      used.push({ certificate: { ...certificate, first: from, last }, reason: reasonOf(by) })
      first = last + 1n
    }
    if (first === certificate.first) left.push(certificate)
    else if (first <= certificate.last) left.push({ ...certificate, first })
  }
  return { usable: left, refused: [...refused, ...used] }
}

function reasonOf({ claimant, fromUnixMs, untilUnixMs }: Claim): string {
  return `it was used for ${claimant}, ${utc(fromUnixMs)} to ${utc(untilUnixMs)}, and counts once`
}

/** The numbers that a match uses, from the first of each certificate on: as many as the way of counting that uses more. */
function* usedNumbers({ usedWh }: Match): Generator<Numbers> {
  for (const [certificate, wh] of usedWh) {
    if (wh === 0n) continue
    const { issuance, first, faceWh } = certificate
    yield { issuance, first, last: first + (wh + faceWh - 1n) / faceWh - 1n }
  }
}
