import { join } from 'node:path'
import { armCore } from './arm-cores.ts'
import { type Dmi, readDmi } from './dmi.ts'
import { textOf } from './files.ts'
import type { Processor } from './processor.ts'
import type { Roots } from './roots.ts'
import { isVirtualMachine } from './virtual-machine.ts'

/** What /proc/cpuinfo says (proc_cpuinfo(5); arch/x86/kernel/cpu/proc.c). */
export interface CpuInfo {
  /** AMD, and Hygon, whose Dhyana is a Zen: one energy register per package and one per core, none per die. */
  readonly isAmd: boolean
  readonly isIntel: boolean
  /** Of the first CPU, since the others are alike; -1 where the architecture has none. */
  readonly family: number
  readonly model: number
  readonly name: string | null
  /** One for each socket. Empty where the architecture names no sockets, as on arm64. */
  readonly sockets: readonly Processor[]
  readonly logicalCpus: number
  /** CPUID tells that a hypervisor runs this system (leaf 1, ECX bit 31). */
  readonly hasHypervisorFlag: boolean
}

export interface Cpu extends CpuInfo {
  readonly isVirtual: boolean
}

/** An unnamed CPU without sockets where /proc/cpuinfo cannot be read. */
export function readCpu({ sysfs, procfs }: Roots, { product }: Dmi = readDmi(sysfs)): Cpu {
  const info = parseCpuInfo(textOf(join(procfs, 'cpuinfo')) ?? '')
  return { ...info, isVirtual: isVirtualMachine(info, product) }
}

/** Never throws. */
export function parseCpuInfo(text: string): CpuInfo {
  const cpus = text.split(/\n\s*\n/).map(fieldsOf)
  const sockets = new Map<string, Processor>()
  for (const cpu of cpus) {
    const socket = cpu.get('physical id') ?? (cpu.has('vendor_id') ? '0' : undefined)
    if (socket !== undefined) sockets.set(socket, processorOf(cpu))
  }
  const { vendor, family, model } = processorOf(cpus.find((cpu) => cpu.has('vendor_id')) ?? new Map())
  return {
    isAmd: vendor === 'AuthenticAMD' || vendor === 'HygonGenuine',
    isIntel: vendor === 'GenuineIntel',
    family,
    model,
    name: cpus.map(nameOf).find((name) => name !== null) ?? null,
    sockets: [...sockets.values()],
    logicalCpus: cpus.filter((cpu) => cpu.has('processor')).length,
    hasHypervisorFlag: cpus.some((cpu) => / hypervisor /.test(` ${cpu.get('flags') ?? ''} `)),
  }
}

type Fields = ReadonlyMap<string, string>

function fieldsOf(block: string): Fields {
  const lines = block.split('\n').flatMap((line) => {
    const [, key, value] = /^([^:]+?)\s*:\s*(.*)$/.exec(line) ?? []
    return key === undefined ? [] : [[key, value ?? ''] as const]
  })
  return new Map(lines)
}

function processorOf(cpu: Fields): Processor {
  const cores = Number(cpu.get('cpu cores'))
  return {
    vendor: cpu.get('vendor_id') ?? '',
    family: numberOf(cpu.get('cpu family')),
    model: numberOf(cpu.get('model')),
    name: cpu.get('model name') ?? 'processor',
    cores: Number.isInteger(cores) && cores > 0 ? cores : null,
  }
}

/** 32-bit arm calls it `Processor`, powerpc `cpu`; arm64 has numbers for it. */
function nameOf(cpu: Fields): string | null {
  const name = cpu.get('model name') || cpu.get('Processor') || cpu.get('cpu')
  return name || armCore(cpu.get('CPU implementer'), cpu.get('CPU part'))
}

function numberOf(text = ''): number {
  return /^\d{1,4}$/.test(text) ? Number(text) : -1
}
