import { availableParallelism } from 'node:os'

/** Each call tells this process's share of all CPU time since the call before, from 0 to 1. */
export function ownCpuShare(): () => number {
  let before = process.cpuUsage()
  let atNs = process.hrtime.bigint()
  return () => {
    const now = process.cpuUsage()
    const nowNs = process.hrtime.bigint()
    const usedUs = now.user + now.system - before.user - before.system
    const capacityUs = (Number(nowNs - atNs) / 1e3) * availableParallelism()
    before = now
    atNs = nowNs
    return capacityUs > 0 ? usedUs / capacityUs : 0
  }
}
