import { join } from 'node:path'
import { bytesOf } from './files.ts'
import { parseSmbios } from './smbios.ts'

/** What the machine's supplies can give together in W; null where the firmware does not say or may not be read. */
export function supplyCapacityW({ sysfs }: { readonly sysfs: string }): number | null {
  const { supplyCapacityW } = parseSmbios(bytesOf(join(sysfs, 'firmware/dmi/tables/DMI')) ?? Buffer.alloc(0))
  return supplyCapacityW > 0 ? supplyCapacityW : null
}
