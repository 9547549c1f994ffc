import { UNALLOCATED, UNATTRIBUTED } from '../model/consumer.ts'
import type { Part } from '../model/part.ts'
import type { CardClaims } from './accelerator-timeline.ts'
import { isTelling, type MachinePools, type MachineRules, sumOf } from './machine-pools.ts'
import { Pool, portionsOf } from './pool.ts'

/** What draws a leaf's power, and the rules by which that is divided. Most leaves are one; a superchip's module is several. */
export interface Drawer {
  readonly idle: Pool
  readonly dynamic: Pool
  /** Null where nothing tells it. */
  readonly utilisation: number | null
  /** Part of the leaf's power at full load. */
  readonly weight: number
}

/** A processor draws about 300 W of the 1000 that a module of processor, memory and accelerator may. */
const PROCESSOR_OF_MODULE = 0.3

/** @param cards null for each of whose users nothing is known; those of a module, where `part` is processors */
export function drawersOf(
  part: Part,
  cards: readonly (CardClaims | null)[],
  machine: MachinePools,
  rules: MachineRules,
): readonly Drawer[] {
  const { work, utilisation } = machine
  if (part === 'memory') return [{ idle: machine.memory, dynamic: work, utilisation, weight: 1 }]
  const own = { idle: machine.cores, dynamic: work, utilisation }
  if (part !== 'accelerators' && cards.length === 0) return [{ ...own, weight: 1 }]
  const rest = part === 'accelerators' ? 0 : PROCESSOR_OF_MODULE
  const drawers = cards.map((card) => cardDrawer(card, (1 - rest) / cards.length, machine.cores, rules))
  return rest > 0 ? [{ ...own, weight: rest }, ...drawers] : drawers
}

/** How busy they are together; null where that of one is not known. */
export function utilisationOf(drawers: readonly Drawer[]): number | null {
  let sum = 0
  for (const { utilisation, weight } of drawers) {
    if (utilisation === null) return null
    sum += utilisation * weight
  }
  return sum
}

/** Fills their pools: idle energy by what they are, dynamic by what they did. */
export function fill(drawers: readonly Drawer[], idleUj: bigint, dynamicUj: bigint): void {
  const weights = drawers.map(({ weight }) => weight)
  const work = drawers.map(({ weight, utilisation }) => weight * (utilisation ?? 1))
  const parts = {
    idle: portionsOf(idleUj, weights),
    dynamic: portionsOf(dynamicUj, sumOf(work) > 0 ? work : weights),
  }
  for (const [index, { idle, dynamic }] of drawers.entries()) {
    idle.energyUj += parts.idle[index] ?? 0n
    dynamic.energyUj += parts.dynamic[index] ?? 0n
  }
}

/**
 * A card that stands idle is of those who hold it, and what it draws beyond is of those who used it. What one does that is
 * held and tells no use is of its holders; what one does that nobody seems to hold was done by somebody unknown.
 */
function cardDrawer(card: CardClaims | null, weight: number, cores: Pool, rules: MachineRules): Drawer {
  const { consumers = [], use = [], reserved = [], freeNs = 0, coveredNs = 0n } = card ?? {}
  const { durationNs, unknown, isSpread } = rules
  const rule = { durationNs, unknown, coveredNs }
  const isHeld = sumOf(reserved) > 0
  const idle = new Pool({
    ...rule,
    part: 'idle',
    consumers: [...consumers, UNALLOCATED],
    weights: [...reserved, isSpread ? 0 : freeNs],
    otherwise: UNALLOCATED,
  })
  const dynamic = new Pool({
    ...rule,
    part: 'dynamic',
    consumers,
    weights: sumOf(use) > 0 ? use : reserved,
    otherwise: UNATTRIBUTED,
  })
  const isTold = card !== null && isTelling(coveredNs, durationNs)
  return {
    // Nobody has it among whom its idle power could be spread, so that all bear it.
    idle: isSpread && card !== null && !isHeld ? cores : idle,
    dynamic,
    utilisation: isTold ? card.utilisation : null,
    weight,
  }
}
