import { join } from 'node:path'
import { namesIn, targetOf, textOf } from './files.ts'

export interface Disk {
  readonly name: string
  /** GB of 10⁹ bytes. */
  readonly gb: number
  readonly rotates: boolean
}

const SECTOR_BYTES = 512
/** Disks of another machine: iSCSI sessions, Fibre Channel ports, NVMe over fabrics. */
const REMOTE = /\/(?:session\d+|rport-[^/]+|nvme-fabrics)\//
/** One path of a multipath NVMe disk, hidden behind the disk itself. */
const NVME_PATH = /^nvme\d+c\d+n\d+$/

/** The disks in this machine (Documentation/ABI/stable/sysfs-block). A RAID controller shows its volumes instead of its disks. */
export function disks(sysfs: string): Disk[] {
  const root = join(sysfs, 'class/block')
  return namesIn(root).flatMap((name) => {
    const path = join(root, name)
    // Partitions have no device of their own, and neither have loops, RAM disks, LVM and software RAID.
    const device = targetOf(join(path, 'device'))
    if (device === null || textOf(join(path, 'partition')) !== null || NVME_PATH.test(name)) return []
    if (REMOTE.test(`${device}/`) || textOf(join(path, 'removable')) === '1') return []
    const gb = (Number(textOf(join(path, 'size'))) * SECTOR_BYTES) / 1e9
    if (!(gb > 0)) return []
    const rotates = textOf(join(path, 'queue/rotational')) === '1'
    return [{ name: textOf(join(path, 'device/model')) ?? name, gb, rotates }]
  })
}
