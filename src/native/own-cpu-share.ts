/**
 * Each call tells this process's share of all CPU time since the call before, from 0 to 1.
 * @param processors of the whole machine, of which this process may be held to some or to a quota
 */
export function ownCpuShare(processors: () => number): () => number {
  let before = process.cpuUsage()
  let atNs = process.hrtime.bigint()
  return () => {
    const now = process.cpuUsage()
    const nowNs = process.hrtime.bigint()
    const usedUs = now.user + now.system - before.user - before.system
    const capacityUs = (Number(nowNs - atNs) / 1e3) * processors()
    before = now
    atNs = nowNs
    return capacityUs > 0 ? usedUs / capacityUs : 0
  }
}
