import type { Machine } from '../fixtures/machines/machine.ts'
import { controlType, RANGE_UJ, sapphireRapids, zone } from '../fixtures/machines/rapl.ts'

/** A server of two sockets, each a package and its memory at this count. */
function twoSockets(dramUj: bigint): Machine {
  const sockets = [0, 1].map((socket) => ({
    ...zone(`intel-rapl:${socket}`, { name: `package-${socket}`, energyUj: 262_000_000_000n, rangeUj: RANGE_UJ.intel }),
    ...zone(`intel-rapl:${socket}:0`, { name: 'dram', energyUj: dramUj, rangeUj: RANGE_UJ.intel }),
  }))
  return Object.assign({}, sapphireRapids, controlType('intel-rapl'), ...sockets)
}

export const xeonPair = twoSockets(1_000n)
/** Its memory zones stand at 0, as where the firmware does not feed them. */
export const deadMemory = twoSockets(0n)
