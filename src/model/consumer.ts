/**
 * What a consumer is: the unit that somebody answers for. Containers of a pod, steps of a job and sessions of a user are
 * parts of theirs. A `slice` only holds others. `group` is a group that follows no known scheme; `system` is the kernel and
 * all that no other has used. `unallocated` stands for what nobody reserved, `unattributed` for whom nobody knows, and
 * `other` stands for all that are not exported one by one.
 */
export const CONSUMER_KINDS = [
  'system',
  'unallocated',
  'unattributed',
  'slice',
  'service',
  'scope',
  'user',
  'container',
  'pod',
  'job',
  'vm',
  'group',
  'other',
] as const

export type ConsumerKind = (typeof CONSUMER_KINDS)[number]

export interface Consumer {
  readonly kind: ConsumerKind
  /** Distinguishes it from all others of its kind, also over time: a container's full id, a pod's uid. */
  readonly id: string
  /** For people. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Whose part it is: what it uses is told apart for a measured window, and is in every account that one's. */
  readonly within?: Consumer
}

/** Kernel threads, interrupts, and what was used outside every group. */
export const SYSTEM: Consumer = { kind: 'system', id: '', name: 'system', labels: {} }

/** All consumers of a tenant that are not exported one by one. */
export const OTHER: Consumer = { kind: 'other', id: '', name: 'other', labels: {} }

/** Energy of a time in which the control groups were not read, and of accelerators that tell nothing of their use. */
export const UNATTRIBUTED: Consumer = { kind: 'unattributed', id: '', name: 'unattributed', labels: {} }

/** The idle power of what nobody has reserved. */
export const UNALLOCATED: Consumer = { kind: 'unallocated', id: '', name: 'unallocated', labels: {} }

/** Who answers for what a consumer uses: itself, or whose part it is. */
export function accountable(consumer: Consumer): Consumer {
  return consumer.within === undefined ? consumer : accountable(consumer.within)
}

/** A consumer keeps its object for as long as its name is the same, and is asked for its key several times a second. */
const keys = new WeakMap<Consumer, string>()

export function consumerKey(consumer: Consumer): string {
  const known = keys.get(consumer)
  if (known !== undefined) return known
  const key = `${consumer.kind}:${consumer.id}`
  keys.set(consumer, key)
  return key
}
