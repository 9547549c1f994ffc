import type { Reservation } from '../native/cgroup-watch.ts'

/** Whether somebody has said how much a group may have. v1 copies the set of the group around. */
export function isLimited({ quotaUs, cpus, ...memory }: Reservation, around: Reservation | null): boolean {
  const limits = [quotaUs, memory.memoryMaxBytes, memory.memoryLowBytes, memory.memoryMinBytes]
  return (
    (cpus !== null && cpus !== around?.cpus) ||
    limits.some((limit) => limit !== null && limit !== 'unlimited' && limit > 0n)
  )
}
