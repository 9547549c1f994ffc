import { type Consumer, SYSTEM, UNALLOCATED } from '../model/consumer.ts'
import { Pool } from './pool.ts'
import type { KnownClaims } from './use-timeline.ts'

/**
 * What a core draws is what 20 GiB of memory draw (Schneider and Mattia, arXiv 2406.09645), where one figure is all that is
 * known of a machine.
 */
const BYTES_PER_CORE = 20 * 2 ** 30

export interface MachineRules {
  readonly durationNs: bigint
  /** Whether those who are there bear what nobody has reserved. */
  readonly isSpread: boolean
  /** Whose the energy of a time is in which nobody looked. */
  readonly unknown: Consumer
}

/** The three rules by which the energy of processors and memory is divided. */
export interface MachinePools {
  /** Idle power of the processors, by reserved cores. */
  readonly cores: Pool
  /** Idle power of the memory, by what is reserved or in use of it. */
  readonly memory: Pool
  /** What was drawn beyond, by CPU time. */
  readonly work: Pool
  /** How busy the processors were; null where nobody looked. */
  readonly utilisation: number | null
  /** What cores and memory weigh against each other when nothing tells them apart. */
  readonly idleWeights: readonly [number, number]
}

export function machinePools(claims: KnownClaims | null, rules: MachineRules): MachinePools {
  const { durationNs, isSpread, unknown } = rules
  const { consumers = [], cpuNs = [], coveredNs = 0n } = claims ?? {}
  const { cpus, memoryBytes } = claims?.capacity ?? { cpus: 1, memoryBytes: 0 }
  const rule = { durationNs, unknown, coveredNs }
  const idlePool = (reserved: readonly number[], capacity: number): Pool => {
    const others = { ...rule, part: 'idle' as const, otherwise: UNALLOCATED }
    const sum = sumOf(reserved)
    if (isSpread) return new Pool({ ...others, consumers, weights: sum > 0 ? reserved : cpuNs })
    const free = Math.max(0, capacity - sum)
    return new Pool({ ...others, consumers: [...consumers, UNALLOCATED], weights: [...reserved, free] })
  }
  const busyNs = sumOf(cpuNs)
  return {
    cores: idlePool(claims?.cores ?? [], cpus),
    memory: idlePool(claims?.memoryBytes ?? [], memoryBytes),
    work: new Pool({ ...rule, part: 'dynamic', consumers, weights: cpuNs, otherwise: SYSTEM }),
    utilisation: isTelling(coveredNs, durationNs) ? Math.min(1, busyNs / (Number(coveredNs) * cpus)) : null,
    idleWeights: [cpus, memoryBytes / BYTES_PER_CORE],
  }
}

/** Whether so much of a time is known that it says what all of it was like. */
export function isTelling(coveredNs: bigint, durationNs: bigint): boolean {
  return 10n * coveredNs >= 9n * durationNs
}

export function sumOf(values: readonly number[]): number {
  let sum = 0
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0
  return sum
}
