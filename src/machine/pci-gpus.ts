import { join } from 'node:path'
import { namesIn, textOf } from './files.ts'

export interface Gpu {
  readonly vendor: number
  readonly device: number
  /** What lspci calls it; null when nobody asked. */
  readonly name: string | null
}

export interface PciGpu extends Gpu {
  /** Domain, bus, device and function, as in 0000:3b:00.0. */
  readonly address: string
}

const NVIDIA = 0x10de
const AMD = 0x1002
const INTEL = 0x8086

/*
 * PCI classes of accelerators. Plain displays (VGA) are mostly those of a BMC or inside the CPU: only NVIDIA's count.
 */
const VGA = 0x0300
const THREE_D = 0x0302
const OTHER_DISPLAY = 0x0380
const PROCESSING = 0x1200

/** The GPUs on the PCI bus, with or without a driver. */
export function pciGpus(sysfs: string): PciGpu[] {
  const root = join(sysfs, 'bus/pci/devices')
  return namesIn(root).flatMap((address) => {
    const id = (file: string): number => Number(textOf(join(root, address, file)) ?? Number.NaN)
    const vendor = id('vendor')
    const gpu = { address, vendor, device: id('device'), name: null }
    return isGpu(Math.floor(id('class') / 256), vendor) ? [gpu] : []
  })
}

function isGpu(pciClass: number, vendor: number): boolean {
  if (pciClass === THREE_D) return true
  if (pciClass === VGA) return vendor === NVIDIA
  if (pciClass === OTHER_DISPLAY) return vendor === AMD
  return pciClass === PROCESSING && vendor !== INTEL
}
