import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Channel } from '../model/channel.ts'

const NVIDIA = 0x10de
const AMD = 0x1002
const INTEL = 0x8086

const VGA = 0x0300
const THREE_D = 0x0302
const OTHER_DISPLAY = 0x0380
const PROCESSING = 0x1200

/** What a channel says of the place that it measures. */
type Measured = Pick<Channel, 'hardware' | 'facts'>

/** Accelerators on the PCI bus that no channel measures, a sentence each for a person. */
export function unmeteredAccelerators(sysfs: string, channels: readonly Measured[]): readonly string[] {
  const root = join(sysfs, 'bus/pci/devices')
  return namesIn(root)
    .filter((address) => isAccelerator(join(root, address)) && !channels.some((one) => measures(one, address)))
    .map((address) => {
      const path = join(root, address)
      const driver = driverOf(path)
      const reader = driver === null ? 'has no driver' : `is in the hands of the driver ${driver}`
      const id = `${hex(numberIn(path, 'vendor'))}:${hex(numberIn(path, 'device'))}`
      return `the accelerator ${address} (${id}) ${reader}: no sensor tells its power, and it is not measured`
    })
}

/** By its address, or in the path or the facts of a sensor that names a whole module after its socket. */
function measures({ hardware, facts }: Measured, address: string): boolean {
  return [hardware ?? '', ...Object.values(facts)].some((text) => text.includes(address))
}

/** The display of a BMC, of an emulator or inside the processor is none, and neither is a share of a card. */
function isAccelerator(path: string): boolean {
  const pciClass = numberIn(path, 'class') >> 8
  const vendor = numberIn(path, 'vendor')
  if (namesIn(path).includes('physfn')) return false
  // Intel's processors have theirs on the first bus.
  if (vendor === INTEL && basename(path).split(':')[1] === '00') return false
  if (pciClass === THREE_D || pciClass === PROCESSING) return true
  if (pciClass === OTHER_DISPLAY) return [NVIDIA, AMD, INTEL].includes(vendor)
  if (pciClass !== VGA) return false
  // AMD's cards have a switch of their own before them, where its processors have a root port.
  return vendor === AMD ? numberIn(dirname(realpathSync(path)), 'vendor') === AMD : [NVIDIA, INTEL].includes(vendor)
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}

/** 0 for what cannot be read. */
function numberIn(path: string, file: string): number {
  try {
    return Number(readFileSync(join(path, file), 'latin1')) || 0
  } catch {
    return 0
  }
}

function driverOf(path: string): string | null {
  try {
    return basename(readlinkSync(join(path, 'driver')))
  } catch {
    return null
  }
}

const hex = (id: number): string => id.toString(16).padStart(4, '0')
