import type { Consumer } from '../model/consumer.ts'
import { windowOfScope } from '../model/window.ts'
import type { EnergyPart } from './pool.ts'

/**
 * Told what a command got that runs for a measured window, in a scope of its own. `uid`: of the user whose scope it is; null
 * for one that root made.
 */
export type TakeOwn = (window: string, uid: string | null, part: EnergyPart, energyUj: bigint) => void

/**
 * Tells of the windows whose commands a consumer is, inside out: a measured command may run another. A share of nothing is
 * known too.
 */
export function tellOwn(consumer: Consumer, part: EnergyPart, energyUj: bigint, takeOwn: TakeOwn): void {
  const { kind, id, within } = consumer
  const window = kind === 'scope' ? windowOfScope(id) : null
  // What a scope is called is for whoever makes it to choose, and who is root in a container is nobody here.
  if (window !== null && (within === undefined || within.kind === 'user' || within.kind === 'scope')) {
    takeOwn(window, uidOf(consumer), part, energyUj)
  }
  if (within !== undefined) tellOwn(within, part, energyUj, takeOwn)
}

/** What runs in a scope may make others inside it. */
function uidOf({ labels, within }: Consumer): string | null {
  return labels.uid ?? (within?.kind === 'scope' ? uidOf(within) : null)
}
