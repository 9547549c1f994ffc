import { join } from 'node:path'
import { type CpuInfo, readCpu } from './cpu-info.ts'
import { type Disk, disks } from './disks.ts'
import { readDmi } from './dmi.ts'
import { bytesOf, textOf } from './files.ts'
import { parseMemoryGib } from './memory.ts'
import { type PciAccelerator, pciAccelerators } from './pci.ts'
import { type Processor, unnamedProcessor } from './processor.ts'
import type { Roots } from './roots.ts'
import { type FirmwareParts, parseSmbios } from './smbios.ts'

/** What a process sees of its machine by itself. It starts no process, and needs no rights but for the firmware's table. */
export interface Host {
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  /** A guest: its host's parts are not its own. */
  readonly isVirtual: boolean
  /** Null when the kernel does not say. */
  readonly bootId: string | null
  readonly processors: readonly Processor[]
  /** What the kernel has of the memory; 0 when it does not say. */
  readonly usableMemoryGib: number
  /** SMBIOS's code; null when the firmware does not say. */
  readonly chassisType: number | null
  /** Capacity of each memory module; null when it is not to be seen. */
  readonly dimmsGib: readonly number[] | null
  /** Rating of each power supply in W, null for one that does not say; null when they are not to be seen. */
  readonly suppliesW: readonly (number | null)[] | null
  readonly disks: readonly Disk[]
  readonly gpus: readonly PciAccelerator[]
  /** The firmware's table lists modules and supplies; only root may read it. */
  readonly hasFirmwareTable: boolean
}

export function readHost(roots: Roots): Host {
  const { sysfs, procfs } = roots
  const dmi = readDmi(sysfs)
  const cpu = readCpu(roots, dmi)
  const table = bytesOf(join(sysfs, 'firmware/dmi/tables/DMI'))
  const firmware = parseSmbios(table ?? Buffer.alloc(0))
  return {
    product: dmi.product,
    isVirtual: cpu.isVirtual,
    bootId: textOf(join(procfs, 'sys/kernel/random/boot_id')) || null,
    processors: processorsOf(cpu, firmware),
    usableMemoryGib: parseMemoryGib(textOf(join(procfs, 'meminfo')) ?? ''),
    chassisType: dmi.chassisType ?? firmware.chassisType,
    dimmsGib: someOf(firmware.dimmsGib),
    suppliesW: someOf(firmware.suppliesW),
    disks: disks(sysfs),
    gpus: pciAccelerators(sysfs),
    hasFirmwareTable: table !== null,
  }
}

/** A table that lists none of something does not mean that there is none. */
function someOf<T>(list: readonly T[]): readonly T[] | null {
  return list.length > 0 ? list : null
}

function processorsOf({ sockets, logicalCpus }: CpuInfo, firmware: FirmwareParts): readonly Processor[] {
  if (sockets.length > 0) return sockets
  const cores = firmware.processors.length > 0 ? firmware.processors.map((one) => one.cores) : [logicalCpus]
  return cores.map((count) => unnamedProcessor(count > 0 ? count : null))
}
