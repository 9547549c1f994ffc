import type { ChassisKind } from './chassis.ts'
import { chassisKind } from './chassis.ts'
import type { Disk } from './disks.ts'
import type { Host } from './host.ts'
import { gbOfGib } from './memory.ts'
import type { Gpu } from './pci.ts'
import { type Processor, unnamedProcessor } from './processor.ts'
import type { SavedParts } from './saved-parts.ts'

/** What a machine consists of: what is seen, what root saw and saved, and else what is usual. */
export interface MachineParts {
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  /** A guest: its host's parts are not its own. */
  readonly isVirtual: boolean
  readonly chassis: ChassisKind
  readonly processors: readonly Processor[]
  readonly dimmsGib: readonly number[]
  /** The modules are the firmware's list, and not assumed from the kernel's memory. */
  readonly areModulesKnown: boolean
  /** In GB of 10⁹ bytes: the installed memory, or what the kernel has of it. 0 when the machine does not say. */
  readonly memoryGb: number
  readonly disks: readonly Disk[]
  readonly gpus: readonly Gpu[]
  /** Rating of each power supply in W, null for one that does not say; null when the firmware does not say. */
  readonly suppliesW: readonly (number | null)[] | null
}

/** What is seen comes first, since it is of now; what was saved fills in what only root sees. */
export function partsOf(host: Host, saved: SavedParts | null): MachineParts {
  const { product, isVirtual, usableMemoryGib } = host
  const dimmsGib = host.dimmsGib ?? saved?.dimmsGib ?? null
  const installedGib = dimmsGib?.reduce((sum, gib) => sum + gib, 0) ?? usableMemoryGib
  return {
    product,
    isVirtual,
    chassis: chassisKind(host.chassisType ?? saved?.chassisType ?? null, product),
    processors: processorsOf(host, saved),
    dimmsGib: dimmsGib ?? usualModules(usableMemoryGib),
    areModulesKnown: dimmsGib !== null,
    memoryGb: gbOfGib(installedGib),
    disks: host.disks.map((disk) => fullyNamed(disk, saved?.disks ?? [])),
    gpus: host.gpus.map((gpu) => named(gpu, saved?.gpus ?? [])),
    suppliesW: host.suppliesW ?? saved?.suppliesW ?? null,
  }
}

/** Where the kernel names no sockets, the firmware's table counts them. */
function processorsOf({ processors, hasFirmwareTable }: Host, saved: SavedParts | null): readonly Processor[] {
  if (saved === null || hasFirmwareTable || processors.some(({ vendor }) => vendor !== '')) return processors
  return saved.processors.map(({ cores }) => unnamedProcessor(cores))
}

/** The PCI bus has numbers; the names are lspci's. */
function named(gpu: Gpu, known: readonly Gpu[]): Gpu {
  const same = known.find(({ vendor, device }) => vendor === gpu.vendor && device === gpu.device)
  return { ...gpu, name: gpu.name ?? same?.name ?? null }
}

/** SCSI cuts a disk's name off after 16 characters. Udev knows the rest. */
export function fullyNamed(disk: Disk, known: readonly Pick<Disk, 'name' | 'gb'>[]): Disk {
  const same = known.find(({ name, gb }) => gb === disk.gb && name.startsWith(disk.name))
  return same === undefined ? disk : { ...disk, name: same.name }
}

const USUAL_MODULE_GIB = 32

/** The kernel keeps one to three per cent for itself: what is installed is the next multiple. */
function usualModules(usableMemoryGib: number): number[] {
  const stepGib = usableMemoryGib > 64 ? 16 : 4
  const gib = Math.ceil(usableMemoryGib / stepGib) * stepGib
  const count = Math.ceil(gib / USUAL_MODULE_GIB)
  return Array.from({ length: count }, () => gib / count)
}
