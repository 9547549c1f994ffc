import { join } from 'node:path'
import { type CpuInfo, parseCpuInfo } from './cpu-info.ts'
import { type Disk, disks } from './disks.ts'
import { bytesOf, textOf } from './files.ts'
import { type PciGpu, pciGpus } from './pci-gpus.ts'
import { type Processor, unnamedProcessor } from './processor.ts'
import { type FirmwareParts, parseSmbios } from './smbios.ts'

export interface Roots {
  readonly sysfs: string
  readonly procfs: string
}

/** What a process sees of its machine by itself. It starts no process, and needs no rights but for the firmware's table. */
export interface Sight {
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  /** A guest: its host's parts are not its own. */
  readonly isVirtual: boolean
  /** Null when the kernel does not say. */
  readonly bootId: string | null
  readonly processors: readonly Processor[]
  /** What the kernel has of the memory, in GB of 2³⁰ bytes. */
  readonly usableGb: number
  /** SMBIOS's code; null when the firmware does not say. */
  readonly chassisType: number | null
  /** Capacity of each memory module, in GB of 2³⁰ bytes; null when it is not to be seen. */
  readonly dimmsGb: readonly number[] | null
  /** Rating of each power supply in W, null for one that does not say; null when they are not to be seen. */
  readonly suppliesW: readonly (number | null)[] | null
  readonly disks: readonly Disk[]
  readonly gpus: readonly PciGpu[]
  /** The firmware's table lists modules and supplies; only root may read it. */
  readonly hasFirmwareTable: boolean
}

export function look({ sysfs, procfs }: Roots): Sight {
  const cpuInfo = parseCpuInfo(textOf(join(procfs, 'cpuinfo')) ?? '')
  const table = bytesOf(join(sysfs, 'firmware/dmi/tables/DMI'))
  const firmware = parseSmbios(table ?? Buffer.alloc(0))
  const dmi = (name: string): string => textOf(join(sysfs, 'class/dmi/id', name)) ?? ''
  const product = `${dmi('sys_vendor')} ${dmi('product_name')}`.trim()
  return {
    product: product === '' ? null : product,
    isVirtual: cpuInfo.isVirtual || isVirtualProduct(product),
    bootId: textOf(join(procfs, 'sys/kernel/random/boot_id')),
    processors: processorsOf(cpuInfo, firmware),
    usableGb: usableGb(procfs),
    chassisType: Number(dmi('chassis_type')) || firmware.chassisType,
    dimmsGb: someOf(firmware.dimmsGb),
    suppliesW: someOf(firmware.suppliesW),
    disks: disks(sysfs),
    gpus: pciGpus(sysfs),
    hasFirmwareTable: table !== null,
  }
}

/** A table that lists none of something does not mean that there is none. */
function someOf<T>(list: readonly T[]): readonly T[] | null {
  return list.length > 0 ? list : null
}

/** Where CPUID does not tell, as on arm64. A bare-metal instance of a cloud is a machine of its own. */
function isVirtualProduct(product: string): boolean {
  if (/\bmetal\b/.test(product)) return false
  return /QEMU|KVM|VMware|VirtualBox|Xen|Bochs|Amazon EC2|Google Compute|OpenStack|Virtual Machine|Parallels/i.test(
    product,
  )
}

function processorsOf({ sockets, logicalCpus }: CpuInfo, firmware: FirmwareParts): readonly Processor[] {
  if (sockets.length > 0) return sockets
  const cores = firmware.processors.length > 0 ? firmware.processors.map((one) => one.cores) : [logicalCpus]
  return cores.map((count) => unnamedProcessor(count > 0 ? count : null))
}

const KIB_PER_GB = 2 ** 20

function usableGb(procfs: string): number {
  const kib = /^MemTotal:\s*(\d+) kB/m.exec(textOf(join(procfs, 'meminfo')) ?? '')?.[1]
  return Number(kib ?? 0) / KIB_PER_GB
}
