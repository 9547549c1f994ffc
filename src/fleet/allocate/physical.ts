import { least } from '../../model/bigint.ts'
import { type Amounts, add, divided } from './amounts.ts'
import { type Inputs, type Machine, UNALLOCATED, UNATTRIBUTED } from './inputs.ts'

/** µJ of an hour at one µW. */
const S_PER_HOUR = 3600n

/** Energy of a cluster in an hour by user, in µJ. */
export interface Physical {
  readonly idle: Amounts
  readonly dynamic: Amounts
  /** Machines whose power is not known. */
  readonly missing: readonly string[]
}

/**
 * Idle of dedicated machines is their owner's, idle of shared ones that of whoever reserved in the cluster. Dynamic energy
 * is the users' of that very machine.
 */
export function physicalOf(
  { power, reservations, usage }: Inputs,
  cluster: string,
  machines: readonly (readonly [string, Machine])[],
  unixMs: number,
): Physical {
  const [idle, dynamic] = [new Map<string, bigint>(), new Map<string, bigint>()]
  const missing: string[] = []
  let sharedUj = 0n
  for (const [name, { owner, idleUw }] of machines) {
    const powerUw = power.one('', name, unixMs)
    if (powerUw === null) {
      missing.push(name)
      continue
    }
    // A machine that draws less than its rating is idle, and no more.
    const idleUj = least(idleUw, powerUw) * S_PER_HOUR
    const dynamicUj = powerUw * S_PER_HOUR - idleUj
    if (owner === null) sharedUj += idleUj
    else add(idle, owner, idleUj)
    const users = divided(dynamicUj, new Map(usage.at(name, unixMs)))
    // Nobody but its owner uses a dedicated machine.
    for (const [user, part] of users ?? [[owner ?? UNATTRIBUTED, dynamicUj] as const]) add(dynamic, user, part)
  }
  const reserved = divided(sharedUj, new Map(reservations.at(cluster, unixMs)))
  for (const [user, part] of reserved ?? [[UNALLOCATED, sharedUj] as const]) add(idle, user, part)
  return { idle, dynamic, missing }
}
