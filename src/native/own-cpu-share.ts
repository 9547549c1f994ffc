import { availableParallelism } from 'node:os'

/** Each call tells this process's share of all CPU time since the call before, from 0 to 1. */
export function ownCpuShare(): () => number {
  let before = process.cpuUsage()
  let atNs = process.hrtime.bigint()
  return () => {
    const used = process.cpuUsage(before)
    const nowNs = process.hrtime.bigint()
    const capacityUs = (Number(nowNs - atNs) / 1e3) * availableParallelism()
    before = process.cpuUsage()
    atNs = nowNs
    return capacityUs > 0 ? (used.user + used.system) / capacityUs : 0
  }
}
