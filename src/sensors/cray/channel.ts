import { socketsOf } from '../../machine/cpu-topology.ts'
import { pciAccelerators } from '../../machine/pci.ts'
import type { Channel } from '../../model/channel.ts'
import { NS_PER_MS, UJ_PER_J } from '../../model/units.ts'
import type { NativeChannel } from '../../native/addon.ts'
import type { BoundChannel, Value } from '../../native/polled-sensor.ts'

/** Nobody publishes what the blade's sensors are off by; those of boards are within 5 % (arXiv 2312.02741). */
const BOARD_SENSOR = 0.05
/** No node draws more, and none of its parts a tenth of it. */
const MAX_NODE_UW = 100_000_000_000n
const MAX_PART_UW = 10_000_000_000n

const ENERGY = /^(?:(?<part>cpu|memory|accel)(?<number>\d{0,3})_)?energy$/

/** What of a machine decides where its counters belong. */
export interface CrayPlaces {
  readonly sockets: readonly number[]
  /** PCI addresses. */
  readonly accelerators: readonly string[]
}

export function placesIn(sysfs: string): CrayPlaces {
  return { sockets: socketsOf(sysfs), accelerators: pciAccelerators(sysfs).map(({ address }) => address) }
}

/** The counters of joules among the files, each quantity once: not the sum of parts that have counters of their own. */
export function energyFilesOf(names: readonly string[]): readonly string[] {
  const numbered = (part = ''): boolean => names.some((name) => new RegExp(`^${part}\\d+_energy$`).test(name))
  return names.filter((name) => {
    const { part, number } = ENERGY.exec(name)?.groups ?? {}
    return ENERGY.test(name) && (part === undefined || number !== '' || !numbered(part))
  })
}

/** Attributes: native/files/pm_counters_reader.h. */
export function crayChannel({ id, attributes }: NativeChannel, places: CrayPlaces, intervalMs: number): BoundChannel {
  const { file = '', startup } = attributes
  const { part, number = '' } = ENERGY.exec(file)?.groups ?? {}
  const channel: Channel = {
    sensor: 'cray',
    ...meaningOf(part, number, places),
    quality: 'measured',
    maxPowerUw: part === undefined ? MAX_NODE_UW : MAX_PART_UW,
    relativeUncertainty: BOARD_SENSOR,
    intervalNs: BigInt(Math.round(intervalMs)) * NS_PER_MS,
    facts: { path: id, resolution: '1 J', ...(startup && { startup }) },
    kind: 'counter',
    modulus: null,
    unitUj: { numerator: UJ_PER_J, denominator: 1n },
    ...(startup && { since: startup }),
  }
  return { channel, interpret }
}

type Meaning = Pick<Channel, 'scope' | 'device' | 'nodeMeter' | 'hardware'>

/** The controller counts accelerators in an order of its own, and what is of several sockets is of none of them. */
function meaningOf(part: string | undefined, number: string, { sockets, accelerators }: CrayPlaces): Meaning {
  const sole = <T>(all: readonly T[]): T | null => (all.length === 1 ? (all[0] ?? null) : null)
  const socket = sole(sockets)
  const ofSocket = socket === null ? null : `socket-${socket}`
  const inside = { nodeMeter: null, device: `${part}${number}` }
  switch (part) {
    case undefined:
      // Rectifiers of the cabinet make direct current for all blades: what they lose is not in it.
      return { scope: 'dc_node', device: 'node', nodeMeter: 'cray', hardware: null }
    case 'cpu':
      return { ...inside, scope: 'package', hardware: number === '' ? ofSocket : `socket-${number}` }
    case 'memory':
      return { ...inside, scope: 'dram', hardware: ofSocket }
    default:
      return { ...inside, scope: 'gpu', hardware: sole(accelerators) }
  }
}

function interpret(raw: bigint): Value {
  return raw === 0n ? { unavailable: 'the blade counts nothing of it' } : { count: raw }
}
