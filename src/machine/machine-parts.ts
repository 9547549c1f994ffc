import type { ToldParts } from '../model/told-parts.ts'
import type { ChassisKind } from './chassis.ts'
import { chassisKind } from './chassis.ts'
import type { Disk } from './disks.ts'
import type { Host } from './host.ts'
import { gbOfGib } from './memory.ts'
import { usableMisfit } from './memory-fit.ts'
import { sum } from './parts-text.ts'
import type { Gpu } from './pci.ts'
import { type Processor, unnamedProcessor } from './processor.ts'
import type { SavedParts } from './saved-parts.ts'
import { isVolume } from './volumes.ts'

/** By whom parts are known: seen now, saved by root, told by a management controller, or nobody. */
export type KnownBy = 'seen' | 'saved' | 'told' | 'assumed'

/** What a machine consists of: what is seen, what root saw and saved, what its controller tells, and else what is usual. */
export interface MachineParts {
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  /** A guest: its host's parts are not its own. */
  readonly isVirtual: boolean
  readonly chassis: ChassisKind
  readonly processors: readonly Processor[]
  readonly dimmsGib: readonly number[]
  /** The modules are a list of somebody's, and not assumed from the kernel's memory. */
  readonly areModulesKnown: boolean
  /** In GB of 10⁹ bytes: the installed memory, or what the kernel has of it. 0 when the machine does not say. */
  readonly memoryGb: number
  readonly disks: readonly Disk[]
  readonly gpus: readonly Gpu[]
  /** Rating of each power supply in W, null for one that does not say; null when nobody says. */
  readonly suppliesW: readonly (number | null)[] | null
  readonly knownBy: Readonly<Record<'processors' | 'modules' | 'disks' | 'supplies', KnownBy>>
}

/** What is seen comes first, since it is of now; what was saved and then what is told fill in what only others see. */
export function partsOf(host: Host, saved: SavedParts | null, told: ToldParts | null = null): MachineParts {
  const { product, isVirtual, usableMemoryGib } = host
  const heard = isVirtual ? null : told
  const [dimmsGib, modules] = firstOf(host.dimmsGib, saved?.dimmsGib, fitting(heard?.dimmsGib ?? null, host))
  const [suppliesW, supplies] = firstOf(host.suppliesW, saved?.suppliesW, heard?.suppliesW)
  const installedGib = dimmsGib === null ? usableMemoryGib : sum(dimmsGib)
  const [processors, socketsBy] = processorsOf(host, saved, heard)
  const [disks, disksBy] = disksOf(host, saved, heard)
  return {
    product,
    isVirtual,
    chassis: chassisOf(host, saved, heard),
    processors,
    dimmsGib: dimmsGib ?? usualModules(usableMemoryGib),
    areModulesKnown: dimmsGib !== null,
    memoryGb: gbOfGib(installedGib),
    disks,
    gpus: host.gpus.map((gpu) => named(gpu, saved?.gpus ?? [])),
    suppliesW,
    knownBy: { processors: socketsBy, modules, disks: disksBy, supplies },
  }
}

function firstOf<T>(seen: T | null, saved: T | null | undefined, told: T | null | undefined): [T | null, KnownBy] {
  if (seen !== null) return [seen, 'seen']
  if (saved != null) return [saved, 'saved']
  return told == null ? [null, 'assumed'] : [told, 'told']
}

/** Modules that are not those of the kernel's memory are another machine's, or a mistake. */
function fitting(dimmsGib: readonly number[] | null, host: Host): readonly number[] | null {
  return dimmsGib === null || usableMisfit(dimmsGib, host) !== null ? null : dimmsGib
}

function chassisOf({ chassisType, product }: Host, saved: SavedParts | null, told: ToldParts | null): ChassisKind {
  const type = chassisType ?? saved?.chassisType ?? null
  const kind = chassisKind(type, product)
  return type === null && kind === 'rack' ? (told?.chassis ?? kind) : kind
}

/** Where the kernel names no sockets, the firmware's table counts them. */
function processorsOf(host: Host, saved: SavedParts | null, told: ToldParts | null): [readonly Processor[], KnownBy] {
  const { processors, hasFirmwareTable } = host
  if (hasFirmwareTable || processors.some(({ vendor }) => vendor !== '')) return [processors, 'seen']
  if (saved !== null) return [saved.processors.map(({ cores }) => unnamedProcessor(cores)), 'saved']
  if (told?.processors == null) return [processors, 'assumed']
  return [told.processors.map(({ name, cores }) => ({ ...unnamedProcessor(cores), name })), 'told']
}

/** Of a RAID controller's volumes the disks behind them, where they are told, and beside them what is seen and not told. */
function disksOf(host: Host, saved: SavedParts | null, told: ToldParts | null): [readonly Disk[], KnownBy] {
  const seen = host.disks.map((disk) => fullyNamed(disk, saved?.disks ?? []))
  const disks = seen.filter((disk) => !isVolume(disk))
  const areAll = seen.length > 0 && disks.length === seen.length
  // A volume is no larger than its disks together.
  if (areAll || told?.disks == null || gbOf(told.disks) < gbOf(seen)) return [seen, 'seen']
  const others = [...told.disks]
  const untold = disks.filter(({ gb }) => {
    const at = others.findIndex((one) => Math.abs(one.gb - gb) <= SAME_SIZE * gb)
    if (at >= 0) others.splice(at, 1)
    return at < 0
  })
  return [[...told.disks, ...untold], 'told']
}

const SAME_SIZE = 0.01
const gbOf = (disks: readonly Pick<Disk, 'gb'>[]): number => sum(disks.map(({ gb }) => gb))

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
