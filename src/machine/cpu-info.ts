import type { Processor } from './processor.ts'

/** What /proc/cpuinfo says (proc_cpuinfo(5)). */
export interface CpuInfo {
  /** One for each socket. Empty where the architecture names no sockets, as on arm64. */
  readonly sockets: readonly Processor[]
  readonly logicalCpus: number
  /** CPUID tells that a hypervisor runs this system. */
  readonly isVirtual: boolean
}

export function parseCpuInfo(text: string): CpuInfo {
  const cpus = text.split(/\n\s*\n/).map(fieldsOf)
  const sockets = new Map<string, Processor>()
  for (const cpu of cpus) {
    const socket = cpu.get('physical id') ?? (cpu.has('vendor_id') ? '0' : undefined)
    if (socket !== undefined) sockets.set(socket, processorOf(cpu))
  }
  return {
    sockets: [...sockets.values()],
    logicalCpus: cpus.filter((cpu) => cpu.has('processor')).length,
    isVirtual: cpus.some((cpu) => /\bhypervisor\b/.test(cpu.get('flags') ?? '')),
  }
}

function fieldsOf(block: string): Map<string, string> {
  const lines = block.split('\n').flatMap((line) => {
    const [, key, value] = /^([^:]+?)\s*:\s*(.*)$/.exec(line) ?? []
    return key === undefined ? [] : [[key, value ?? ''] as const]
  })
  return new Map(lines)
}

function processorOf(cpu: ReadonlyMap<string, string>): Processor {
  const cores = Number(cpu.get('cpu cores'))
  return {
    vendor: cpu.get('vendor_id') ?? '',
    family: Number(cpu.get('cpu family')),
    model: Number(cpu.get('model')),
    name: cpu.get('model name') ?? 'processor',
    cores: Number.isInteger(cores) && cores > 0 ? cores : null,
  }
}
