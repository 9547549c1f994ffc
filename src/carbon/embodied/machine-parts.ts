import { join } from 'node:path'
import { parseCpuInfo } from './cpu-info.ts'
import type { Processor } from './die-area.ts'
import { type Disk, disks } from './disks.ts'
import { bytesOf, textOf } from './files.ts'
import type { ChassisKind } from './formulas.ts'
import type { Gpu } from './gpu.ts'
import { pciGpus } from './pci-gpus.ts'
import { parseSmbios } from './smbios.ts'

export interface Roots {
  readonly sysfs: string
  readonly procfs: string
}

/** What a machine consists of, as far as its kernel and its firmware say. */
export interface MachineParts {
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  /** A guest: its host's parts are not its own. */
  readonly isVirtual: boolean
  readonly chassis: ChassisKind
  readonly processors: readonly Processor[]
  readonly dimmsGb: readonly number[]
  readonly disks: readonly Disk[]
  readonly gpus: readonly Gpu[]
  /** Null when the firmware does not say. */
  readonly supplies: number | null
  /** The firmware's table lists the modules; only root may read it. */
  readonly hasFirmwareTable: boolean
}

/** Reads what the machine consists of. Starts no process, and needs no rights but for the firmware's table. */
export function readMachineParts({ sysfs, procfs }: Roots): MachineParts {
  const cpuInfo = parseCpuInfo(textOf(join(procfs, 'cpuinfo')) ?? '')
  const table = bytesOf(join(sysfs, 'firmware/dmi/tables/DMI'))
  const firmware = parseSmbios(table ?? Buffer.alloc(0))
  const dmi = (name: string): string => textOf(join(sysfs, 'class/dmi/id', name)) ?? ''
  const product = `${dmi('sys_vendor')} ${dmi('product_name')}`.trim()
  return {
    product: product === '' ? null : product,
    isVirtual: cpuInfo.isVirtual || isVirtualProduct(product),
    chassis: BLADES.has(Number(dmi('chassis_type'))) ? 'blade' : 'rack',
    processors: cpuInfo.sockets.length > 0 ? cpuInfo.sockets : unnamed(firmware.processors, cpuInfo.logicalCpus),
    dimmsGb: firmware.dimmsGb.length > 0 ? firmware.dimmsGb : usualModules(installedGb(procfs)),
    disks: disks(sysfs),
    gpus: pciGpus(sysfs),
    supplies: firmware.supplies > 0 ? firmware.supplies : null,
    hasFirmwareTable: table !== null,
  }
}

/** DSP0134 section 7.4.1: a blade. */
const BLADES: ReadonlySet<number> = new Set([28])

/** Where CPUID does not tell, as on arm64. A bare-metal instance of a cloud is a machine of its own. */
function isVirtualProduct(product: string): boolean {
  if (/\bmetal\b/.test(product)) return false
  return /QEMU|KVM|VMware|VirtualBox|Xen|Bochs|Amazon EC2|Google Compute|OpenStack|Virtual Machine|Parallels/i.test(
    product,
  )
}

function unnamed(processors: readonly { readonly cores: number }[], logicalCpus: number): Processor[] {
  const cores = processors.length > 0 ? processors.map((one) => one.cores) : [logicalCpus]
  return cores.map((count) => ({ vendor: '', family: 0, model: 0, name: 'processor', cores: count > 0 ? count : null }))
}

const KIB_PER_GB = 2 ** 20
const USUAL_MODULE_GB = 32

function installedGb(procfs: string): number {
  const kib = Number(/^MemTotal:\s*(\d+) kB/m.exec(textOf(join(procfs, 'meminfo')) ?? '')?.[1] ?? 0)
  const gb = kib / KIB_PER_GB
  // The kernel keeps one to three per cent for itself: what is installed is the next multiple.
  const stepGb = gb > 64 ? 16 : 4
  return Math.ceil(gb / stepGb) * stepGb
}

function usualModules(gb: number): number[] {
  const count = Math.ceil(gb / USUAL_MODULE_GB)
  return Array.from({ length: count }, () => gb / count)
}
