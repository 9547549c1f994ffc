import { type Amounts, add, divided } from './amounts.ts'
import { type Inputs, type Moves, type ServiceKind, serviceGroup } from './inputs.ts'

/** Takes what went from one user to another. */
export type Flow = (from: string, to: string, uj: bigint) => void

/**
 * Hands the energy of providers on to those who use them, all at once: what one receives here it does not hand on here.
 * The share that a provider has of itself stays with it, as does all of it where nobody has any.
 */
export function moved(before: Amounts, moves: Moves, movable: Amounts, flow: Flow): Map<string, bigint> {
  const after = new Map(before)
  for (const [provider, weights] of moves) {
    for (const [user, part] of divided(movable.get(provider) ?? 0n, weights) ?? []) {
      if (user === provider || part === 0n) continue
      add(after, provider, -part)
      add(after, user, part)
      flow(provider, user, part)
    }
  }
  return after
}

/** Who used the shared services of a kind in a cluster. */
export function movesByUse(
  { services, serviceUsage }: Inputs,
  kind: ServiceKind,
  cluster: string,
  unixMs: number,
): Moves {
  const moves = new Map<string, Amounts>()
  for (const [service, its] of services) {
    if (its === kind) moves.set(service, new Map(serviceUsage.at(serviceGroup(cluster, service), unixMs)))
  }
  return moves
}
