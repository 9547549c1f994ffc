import { driverOf, pciAccelerators } from '../machine/pci.ts'
import type { Channel } from '../model/channel.ts'

/** What a channel says of the place that it measures. */
type Measured = Pick<Channel, 'hardware' | 'facts'>

/** Accelerators on the PCI bus that no channel measures, a sentence each for a person. */
export function unmeteredAccelerators(sysfs: string, channels: readonly Measured[]): readonly string[] {
  return pciAccelerators(sysfs)
    .filter(({ address }) => !channels.some((one) => measures(one, address)))
    .map(({ address, vendor, device }) => {
      const driver = driverOf(sysfs, address)
      const reader = driver === null ? 'has no driver' : `is held by the driver ${driver}`
      return `the accelerator ${address} (${hex(vendor)}:${hex(device)}) ${reader}: no sensor reports its power, so it is not measured`
    })
}

/** By its address, or in the path or the facts of a sensor that names a whole module after its socket. */
function measures({ hardware, facts }: Measured, address: string): boolean {
  return [hardware ?? '', ...Object.values(facts)].some((text) => text.includes(address))
}

const hex = (id: number): string => id.toString(16).padStart(4, '0')
