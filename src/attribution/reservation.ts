import type { ConsumerKind } from '../model/consumer.ts'
import type { Reservation } from '../native/cgroup-watch.ts'
import type { Capacity } from './capacity.ts'
import type { ConsumerUse } from './usage.ts'

/** What is kept ready for a consumer and those inside it. */
export interface Reserved {
  /** Hardware threads. */
  readonly cores: number
  /** Promised, whether or not it has it in use. */
  readonly memoryBytes: number
}

export const NOTHING: Reserved = { cores: 0, memoryBytes: 0 }

export interface ReservationRules {
  readonly capacity: Capacity
  /** Of the tree that tells the weights: v1 calls them shares. */
  readonly weights: 1 | 2
}

/** What all of the machine may have is nobody's. */
const WITHOUT = new Set(['system', 'unallocated'])

const SHARES_PER_CORE = 1_024
/** A container without a request of CPU. */
const LEAST_SHARES = 2
const USUAL_WEIGHT = { 1: 1_024, 2: 100 }

/** Of one who sleeps the use is the same object again and again. A memo, not state: it changes no result. */
const known = new WeakMap<ConsumerUse, { readonly rules: ReservationRules; readonly reserved: Reserved }>()

/** No more than the machine has; those of all consumers together may be more. */
export function reservedBy(use: ConsumerUse, rules: ReservationRules): Reserved {
  const before = known.get(use)
  if (before !== undefined && isSame(before.rules, rules)) return before.reserved
  const reserved = sumOf(use, rules)
  known.set(use, { rules, reserved })
  return reserved
}

function isSame(a: ReservationRules, b: ReservationRules): boolean {
  const isSameMachine = a.capacity.cpus === b.capacity.cpus && a.capacity.memoryBytes === b.capacity.memoryBytes
  return isSameMachine && a.weights === b.weights
}

function sumOf(use: ConsumerUse, { capacity, weights }: ReservationRules): Reserved {
  const { kind } = use.consumer
  if (WITHOUT.has(kind)) return NOTHING
  let cores = 0
  let memoryBytes = 0
  use.reservations.forEach((reservation) => {
    cores += coresOf(reservation, kind, weights, capacity.cpus)
    memoryBytes += promisedMemory(reservation, kind, capacity.memoryBytes)
  })
  if (cores === 0 && memoryBytes === 0) return NOTHING
  return { cores: Math.min(cores, capacity.cpus), memoryBytes: Math.min(memoryBytes, capacity.memoryBytes) }
}

/**
 * A pod's weight is what it requests, and its quota only a limit. Elsewhere the quota is what somebody has bought. The weight
 * of a slice is that of all who come to be in it.
 */
function coresOf(reservation: Reservation, kind: ConsumerKind, weights: 1 | 2, cpus: number): number {
  if (kind === 'pod' && reservation.weight !== null) return coresOfRequest(Number(reservation.weight), weights)
  const hard = Math.min(quotaOf(reservation) ?? Infinity, setOf(reservation, cpus) ?? Infinity)
  if (hard < Infinity) return hard
  if (kind === 'slice') return 0
  const weight = Number(reservation.weight ?? 0n)
  return weight === USUAL_WEIGHT[weights] ? 0 : weight / USUAL_WEIGHT[weights]
}

function quotaOf({ quotaUs, periodUs }: Reservation): number | null {
  if (quotaUs === null || quotaUs === 'unlimited' || !periodUs) return null
  return Number(quotaUs) / Number(periodUs)
}

function setOf({ cpus }: Reservation, all: number): number | null {
  return cpus !== null && cpus > 0n && cpus < BigInt(all) ? Number(cpus) : null
}

/** The kubelet makes 1024 shares of a requested core, and of those `1 + (shares - 2) * 9999 / 262142` of v2's weight. */
function coresOfRequest(weight: number, weights: 1 | 2): number {
  const shares = weights === 1 ? weight : LEAST_SHARES + ((weight - 1) * 262_142) / 9_999
  return shares <= LEAST_SHARES ? 0 : shares / SHARES_PER_CORE
}

/** The limit of a slice is no promise: the kubelet's is all that pods may have. */
function promisedMemory(
  { memoryMinBytes, memoryLowBytes, memoryMaxBytes }: Reservation,
  kind: ConsumerKind,
  installedBytes: number,
): number {
  const limitBytes = kind === 'slice' ? 0 : bytesOf(memoryMaxBytes)
  return Math.min(Math.max(bytesOf(memoryMinBytes), bytesOf(memoryLowBytes), limitBytes), installedBytes)
}

function bytesOf(limit: Reservation['memoryMaxBytes']): number {
  return limit === null || limit === 'unlimited' ? 0 : Number(limit)
}
