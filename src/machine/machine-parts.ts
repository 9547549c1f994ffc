import type { ChassisKind } from './chassis.ts'
import { chassisKind } from './chassis.ts'
import type { Disk } from './disks.ts'
import type { Gpu } from './pci-gpus.ts'
import { type Processor, unnamedProcessor } from './processor.ts'
import type { SavedParts } from './saved-parts.ts'
import type { Sight } from './sight.ts'

/** What a machine consists of: what is seen, what root saw and saved, and else what is usual. */
export interface MachineParts {
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  /** A guest: its host's parts are not its own. */
  readonly isVirtual: boolean
  readonly chassis: ChassisKind
  readonly processors: readonly Processor[]
  readonly dimmsGb: readonly number[]
  /** The modules are the firmware's list, and not assumed from the kernel's memory. */
  readonly areModulesKnown: boolean
  /** In GB of 10⁹ bytes: what is installed, or what the kernel has of it. 0 when the machine does not say. */
  readonly memoryGb: number
  readonly disks: readonly Disk[]
  readonly gpus: readonly Gpu[]
  /** Rating of each power supply in W, null for one that does not say; null when the firmware does not say. */
  readonly suppliesW: readonly (number | null)[] | null
}

/** What is seen comes first, since it is of now; what was saved fills in what only root sees. */
export function partsOf(sight: Sight, saved: SavedParts | null): MachineParts {
  const { product, isVirtual, usableGb } = sight
  const dimmsGb = sight.dimmsGb ?? saved?.dimmsGb ?? null
  const installedGb = dimmsGb?.reduce((sum, gb) => sum + gb, 0) ?? usableGb
  return {
    product,
    isVirtual,
    chassis: chassisKind(sight.chassisType ?? saved?.chassisType ?? null, product),
    processors: processorsOf(sight, saved),
    dimmsGb: dimmsGb ?? usualModules(usableGb),
    areModulesKnown: dimmsGb !== null,
    memoryGb: (installedGb * 2 ** 30) / 1e9,
    disks: sight.disks.map((disk) => fullyNamed(disk, saved?.disks ?? [])),
    gpus: sight.gpus.map((gpu) => named(gpu, saved?.gpus ?? [])),
    suppliesW: sight.suppliesW ?? saved?.suppliesW ?? null,
  }
}

/** Where the kernel names no sockets, the firmware's table counts them. */
function processorsOf({ processors, hasFirmwareTable }: Sight, saved: SavedParts | null): readonly Processor[] {
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

const USUAL_MODULE_GB = 32

/** The kernel keeps one to three per cent for itself: what is installed is the next multiple. */
function usualModules(usableGb: number): number[] {
  const stepGb = usableGb > 64 ? 16 : 4
  const gb = Math.ceil(usableGb / stepGb) * stepGb
  const count = Math.ceil(gb / USUAL_MODULE_GB)
  return Array.from({ length: count }, () => gb / count)
}
