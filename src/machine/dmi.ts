import { join } from 'node:path'
import { textOf } from './files.ts'

/** What the firmware tells everybody of the machine (drivers/firmware/dmi-id.c). */
export interface Dmi {
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  /** SMBIOS's code; null when the firmware does not say. */
  readonly chassisType: number | null
}

export function readDmi(sysfs: string): Dmi {
  const field = (name: string): string => textOf(join(sysfs, 'class/dmi/id', name)) ?? ''
  return {
    product: `${field('sys_vendor')} ${field('product_name')}`.trim() || null,
    chassisType: Number(field('chassis_type')) || null,
  }
}
