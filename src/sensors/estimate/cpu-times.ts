/** Ticks since boot over all CPUs. `stolen`: this machine had work, and the hypervisor ran another. */
export interface CpuTimes {
  readonly busy: number
  readonly idle: number
  readonly stolen: number
}

/** Reads the first line of /proc/stat (proc_stat(5)); null when it is something else. */
export function parseCpuTimes(text: string): CpuTimes | null {
  const fields = /^cpu +(\d{1,15}(?: \d{1,15}){3,}) ?\n/.exec(text)?.[1]?.split(' ').map(Number)
  if (fields === undefined) return null
  // Time of guests stands in user and nice already: the two columns behind steal would count it twice.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, stolen = 0] = fields
  return { busy: user + nice + system + irq + softirq, idle: idle + iowait, stolen }
}

/** Share of the time between that was busy; null when no tick passed or a counter went back, as iowait can. */
export function utilisationBetween(before: CpuTimes, after: CpuTimes): number | null {
  const busy = after.busy - before.busy
  const idle = after.idle - before.idle
  const stolen = after.stolen - before.stolen
  const total = busy + idle + stolen
  return Math.min(busy, idle, stolen) >= 0 && total > 0 ? busy / total : null
}
