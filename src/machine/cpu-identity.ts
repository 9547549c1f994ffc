import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What decides how a processor's energy registers are to be read. */
export interface CpuIdentity {
  /** AMD, and Hygon, whose Dhyana is a Zen: one energy register per package and one per core, none per die. */
  readonly isAmd: boolean
  readonly isIntel: boolean
  readonly family: number
  readonly model: number
  /** A virtual machine, in which RAPL is absent as a rule and no command helps. */
  readonly isVirtual: boolean
}

/** Who made the CPU, by /proc/cpuinfo (proc_cpuinfo(5); arch/x86/kernel/cpu/proc.c). Not an x86 one when it cannot be read. */
export async function identifyCpu(procfs: string): Promise<CpuIdentity> {
  return parseCpuinfo(await readFile(join(procfs, 'cpuinfo'), 'utf8').catch(() => ''))
}

/** Reads the first processor of a cpuinfo text; the others are alike. A number that is not there is -1. */
export function parseCpuinfo(text: string): CpuIdentity {
  const field = (name: string): string => new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? ''
  const number = (name: string): number => (/^\d{1,4}$/.test(field(name)) ? Number(field(name)) : -1)
  const vendor = field('vendor_id')
  return {
    isAmd: vendor === 'AuthenticAMD' || vendor === 'HygonGenuine',
    isIntel: vendor === 'GenuineIntel',
    family: number('cpu family'),
    model: number('model'),
    isVirtual: field('flags').split(' ').includes('hypervisor'),
  }
}
