import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { textOf } from './files.ts'
import type { Roots } from './roots.ts'

/**
 * Which monotonic clock this process reads: its times mean nothing under another one. It is that of the boot, but in a time
 * namespace (time_namespaces(7)), where it is set off. Without the kernel's id nothing is bridged across a restart.
 */
export function clockId(bootId: string | null, { procfs }: Pick<Roots, 'procfs'>): string {
  if (bootId === null) return randomUUID()
  const offsets = textOf(join(procfs, 'self/timens_offsets')) ?? ''
  const [, seconds = '0', nanoseconds = '0'] = /^monotonic\s+(-?\d+)\s+(\d+)$/m.exec(offsets) ?? []
  const isSetOff = Number(seconds) !== 0 || Number(nanoseconds) !== 0
  return isSetOff ? `${bootId} set off by ${seconds}.${nanoseconds.padStart(9, '0')} s` : bootId
}
