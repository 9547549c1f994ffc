import { basename, dirname, join } from 'node:path'
import { linkOf, namesIn, targetOf, textOf } from './files.ts'

export interface Gpu {
  readonly vendor: number
  readonly device: number
  /** What lspci calls it; null when nobody asked. */
  readonly name: string | null
}

export interface PciAccelerator extends Gpu {
  /** Domain, bus, device and function, as in 0000:3b:00.0. */
  readonly address: string
}

const BUS = 'bus/pci/devices'

const NVIDIA = 0x10de
const AMD = 0x1002
const INTEL = 0x8086

/** Classes of devices that may be accelerators (https://pci-ids.ucw.cz/read/PD). */
const VGA = 0x0300
const THREE_D = 0x0302
const OTHER_DISPLAY = 0x0380
const PROCESSING = 0x1200

/** GPUs and other accelerators on the PCI bus, with or without a driver. */
export function pciAccelerators(sysfs: string): readonly PciAccelerator[] {
  return namesIn(join(sysfs, BUS)).flatMap((address) => {
    const path = join(sysfs, BUS, address)
    const found = { address, vendor: numberIn(path, 'vendor'), device: numberIn(path, 'device'), name: null }
    return isAccelerator(path, found) ? [found] : []
  })
}

/** The driver that holds a device; null when there is none. */
export function driverOf(sysfs: string, address: string): string | null {
  const link = linkOf(join(sysfs, BUS, address, 'driver'))
  return link === null ? null : basename(link)
}

/** The display of a BMC, of an emulator or inside the processor is none, and neither is a share of a card. */
function isAccelerator(path: string, { address, vendor }: PciAccelerator): boolean {
  const pciClass = numberIn(path, 'class') >> 8
  if (linkOf(join(path, 'physfn')) !== null) return false
  // Intel's processors have theirs on the first bus.
  if (vendor === INTEL && address.split(':')[1] === '00') return false
  if (pciClass === THREE_D || pciClass === PROCESSING) return true
  if (pciClass === OTHER_DISPLAY) return [NVIDIA, AMD, INTEL].includes(vendor)
  if (pciClass !== VGA) return false
  return vendor === AMD ? isBehindAmdSwitch(path) : [NVIDIA, INTEL].includes(vendor)
}

/** AMD's cards have a switch of their own before them, where its processors have a root port. */
function isBehindAmdSwitch(path: string): boolean {
  return numberIn(dirname(targetOf(path) ?? path), 'vendor') === AMD
}

/** 0 for what cannot be read. */
function numberIn(path: string, file: string): number {
  return Number(textOf(join(path, file))) || 0
}
