import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { linkOf, namesIn, textOf } from '../../machine/files.ts'

const BUS = 'bus/pci/devices'
/** A graphics card; accelerators are processing units or other display controllers (https://pci-ids.ucw.cz/read/PD/03). */
const VGA = 0x0300
/** Cores, compute dies and memory in one socket, behind one sensor. */
const MI300A = '0x74a0'

/** A PCI device that amdgpu tells metrics of. A partition of a card has none of its own, and a share of one counts in it. */
export interface AmdCard {
  /** 0000:c1:00.0 */
  readonly address: string
  readonly metrics: string
  readonly runtimeStatus: string
  readonly powerState: string
  /** What the board and its dies are known by; empty where nothing tells. */
  readonly board: string
  /** `0x740c` */
  readonly model: string
  readonly isGraphics: boolean
  /** The socket that it is, with its processor and memory; null for a card. */
  readonly socket: string | null
}

export function cardsOf(sysfs: string): readonly AmdCard[] {
  return namesIn(join(sysfs, BUS)).flatMap((address) => {
    const folder = join(sysfs, BUS, address)
    if (!existsSync(join(folder, 'gpu_metrics')) || linkOf(join(folder, 'physfn')) !== null) return []
    const text = (name: string): string => textOf(join(folder, name)) ?? ''
    const model = text('device')
    return {
      address,
      metrics: join(folder, 'gpu_metrics'),
      runtimeStatus: join(folder, 'power/runtime_status'),
      powerState: join(folder, 'power_state'),
      board: text('serial_number') || text('unique_id'),
      model,
      isGraphics: Number(text('class')) >> 8 === VGA,
      // Each socket of it is a NUMA node.
      socket: model === MI300A ? `socket-${Math.max(0, Number(text('numa_node')) || 0)}` : null,
    }
  })
}
