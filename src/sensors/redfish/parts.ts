import { dig, type Json } from '../../io/answer.ts'
import type { ToldParts } from '../../model/told-parts.ts'
import type { Chassis, Machine } from './machine.ts'
import { allPluggedIn, type Get, linkOf, linksOf, pluggedIn, textOf, unlessRefused } from './resource.ts'
import { isPositive, numberOf } from './source.ts'
import { supplyRatingsW } from './supplies.ts'

/** Beyond any server of one controller; each is a request. */
const MOST = { modules: 256, drives: 256, storages: 32, processors: 64 }
const MIB_PER_GIB = 1_024
const BYTES_PER_GB = 1e9
/** A module of 64 MiB is older than Redfish, one of 4 TiB and a drive of 1 PB are not built. */
const MODULE_GIB = [1 / 16, 4_096] as const
const DRIVE_GB = [1, 1e6] as const
const MOST_CORES = 4_096

/** Keeps its content without power, and is no memory chip; a table of SMBIOS is read alike. */
const NOT_VOLATILE = /^(NVDIMM|Intel ?Optane)/i
/** What is plugged in at the front for a day, and what is another machine's. */
const FOREIGN = /^(USB|iSCSI|FC|FCP|FCoE|NVMeOverFabrics|RoCE|iWARP|NFS)/i

export type Place = Pick<Machine, 'system'> & { readonly chassis: Chassis }

/** What the controller tells of this machine's parts, a hundred requests on a large one. Rejects where it answers no more. */
export async function partsTold(get: Get, { system, chassis }: Place): Promise<Omit<ToldParts, 'sensor' | 'teller'>> {
  const { resource, isShared, isInside } = chassis
  return {
    dimmsGib: all(await pluggedIn(get, linkOf(system, 'Memory'), MOST.modules, moduleGib)),
    suppliesW: isShared || isInside ? null : await supplyRatingsW(get, resource),
    disks: all(await drivesOf(get, system)),
    processors: all(await pluggedIn(get, linkOf(system, 'Processors'), MOST.processors, processorOf)),
    chassis: kindOf(chassis),
  }
}

type Drive = NonNullable<ToldParts['disks']>[number]

/** Empty for what is no part of its kind, null for one of which it does not tell enough: the rest would pass for the whole. */
type Told<T> = readonly [T] | readonly [] | null

/** A controller that lists none of something has not looked. */
function all<T>(told: readonly Told<T>[] | null): readonly T[] | null {
  const known = told?.flatMap((one) => one ?? []) ?? []
  return known.length > 0 && !told?.includes(null) ? known : null
}

function moduleGib(module: Json): Told<number> {
  const mib = countOf(module, 'CapacityMiB')
  if (mib === 0 || NOT_VOLATILE.test(textOf(module, 'MemoryType'))) return []
  const gib = within(mib === null ? null : mib / MIB_PER_GIB, MODULE_GIB)
  return gib === null ? null : [gib]
}

function diskOf(drive: Json): Told<Drive> {
  if (FOREIGN.test(textOf(drive, 'Protocol'))) return []
  const bytes = countOf(drive, 'CapacityBytes')
  const gb = within(bytes === null ? null : bytes / BYTES_PER_GB, DRIVE_GB)
  const rotates = rotation(drive)
  if (gb === null || rotates === null) return null
  return [{ name: textOf(drive, 'Model') || textOf(drive, 'Name') || 'drive', gb, rotates }]
}

function rotation(drive: Json): boolean | null {
  const media = textOf(drive, 'MediaType')
  if (media === 'HDD' || media === 'SMR' || isPositive(numberOf(dig(drive, 'RotationSpeedRPM')))) return true
  return media === 'SSD' || textOf(drive, 'Protocol') === 'NVMe' ? false : null
}

function processorOf(processor: Json): Told<NonNullable<ToldParts['processors']>[number]> {
  if (!['', 'CPU'].includes(textOf(processor, 'ProcessorType'))) return []
  const cores = within(countOf(processor, 'TotalCores'), [1, MOST_CORES])
  return [{ name: textOf(processor, 'Model') || 'processor', cores: cores === null ? null : Math.floor(cores) }]
}

/** A drive may be listed behind two controllers. */
async function drivesOf(get: Get, system: Json): Promise<readonly Told<Drive>[] | null> {
  const pathsOf = (storage: Json) => linksOf(storage, 'Drives').slice(0, MOST.drives + 1)
  const lists = (await pluggedIn(get, linkOf(system, 'Storage'), MOST.storages, pathsOf)) ?? []
  const paths = [...new Set(lists.flat())]
  return paths.length > MOST.drives ? null : unlessRefused(() => allPluggedIn(get, paths, diskOf), null)
}

function kindOf({ resource, isShared, isInside }: Chassis): ToldParts['chassis'] {
  const type = textOf(resource, 'ChassisType')
  if (type === 'Blade') return 'blade'
  if (isShared || isInside || type === 'Sled') return 'node'
  return ['RackMount', 'StandAlone'].includes(type) ? 'rack' : null
}

/** Of the numbers that some write as text; null for none. */
function countOf(resource: Json, key: string): number | null {
  const value = numberOf(dig(resource, key))
  return value === null ? null : Number(value.digits) / 10 ** value.decimals
}

function within(value: number | null, [least, most]: readonly [number, number]): number | null {
  return value !== null && value >= least && value <= most ? value : null
}
