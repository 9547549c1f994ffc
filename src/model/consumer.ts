/**
 * What a consumer is: the unit that somebody answers for. Containers of a pod, steps of a job and sessions of a user are
 * parts of theirs. A `slice` only holds others. `group` is a group that follows no known scheme; `system` is the kernel and all that no other has used;
 * `unallocated` is what stands ready for whoever comes.
 */
export type ConsumerKind =
  | 'system'
  | 'slice'
  | 'service'
  | 'scope'
  | 'user'
  | 'container'
  | 'pod'
  | 'job'
  | 'vm'
  | 'group'
  | 'unallocated'

export interface Consumer {
  readonly kind: ConsumerKind
  /** Distinguishes it from all others of its kind, also over time: a container's full id, a pod's uid. */
  readonly id: string
  /** For people. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** Kernel threads, interrupts, and what was used outside every group. */
export const SYSTEM: Consumer = { kind: 'system', id: '', name: 'system', labels: {} }

/** Of whom nobody knows: energy of a time in which the control groups were not read. */
export const UNATTRIBUTED: Consumer = { kind: 'system', id: 'unattributed', name: 'unattributed', labels: {} }

/** The idle power of what nobody has reserved. */
export const UNALLOCATED: Consumer = { kind: 'unallocated', id: '', name: 'unallocated', labels: {} }

export function consumerKey({ kind, id }: Consumer): string {
  return `${kind}:${id}`
}
