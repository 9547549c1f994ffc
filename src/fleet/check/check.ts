import type { FleetAccount } from '../account/account.ts'
import { balancesOf, type PlaceBalance, unexplainedJ } from '../account/balances.ts'
import type { Finding } from './finding.ts'
import { hostFindings } from './host-findings.ts'
import { balanceFindings, meterFindings, suspectFindings } from './meter-findings.ts'
import { suspectsOf } from './suspects.ts'

/** All that a check says, as data. */
export interface FleetCheck {
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  readonly server: string
  readonly version: string
  readonly hosts: number
  /** Hosts of the topology file, and those that were heard besides. */
  readonly expected: number
  readonly coveragePct: number | null
  readonly energyUj: bigint
  readonly meters: number
  readonly findings: readonly Finding[]
  /** What is explained least first. */
  readonly balances: readonly PlaceBalance[]
  /** Times that the server was asked again. */
  readonly retries: number
}

export function checkFleet(
  account: FleetAccount,
  about: Pick<FleetCheck, 'server' | 'version' | 'retries'>,
): FleetCheck {
  const balances = balancesOf(account)
  const missing = hostFindings(account)
  const expected = account.hosts.length + missing.filter(({ kind }) => kind === 'host-missing').length
  return {
    ...about,
    fromUnixMs: account.span.from,
    untilUnixMs: account.span.until,
    hosts: account.hosts.length,
    expected,
    coveragePct: expected === 0 ? null : (100 * coveredHours(account)) / (expected * account.hours),
    energyUj: account.hosts.reduce((sum, { energyUj }) => sum + energyUj, 0n),
    meters: account.meters.size,
    findings: [
      ...missing,
      ...meterFindings(account),
      ...suspectFindings(suspectsOf(balances), account.span.from),
      ...balanceFindings(balances),
    ],
    balances: balances.toSorted((a, b) => Math.abs(unexplainedJ(b)) - Math.abs(unexplainedJ(a))),
  }
}

/** Host hours that are covered; an hour of which only a sum is known counts. */
function coveredHours({ hosts }: FleetAccount): number {
  return hosts.reduce((sum, { covered }) => sum + covered.reduce((own, part) => own + part, 0), 0)
}
