import { least, most } from '../model/bigint.ts'
import { type Consumer, consumerKey } from '../model/consumer.ts'
import { shareOut } from '../model/share.ts'
import type { AcceleratorFrame, AcceleratorProcess, AcceleratorState } from '../native/accelerator-watch.ts'
import type { Allocation, Allocations, Weighted } from './accelerator-allocations.ts'
import type { ProcessConsumers } from './accelerator-processes.ts'
import type { AcceleratorUse } from './accelerator-use.ts'

/** Compute slices of a GPU whose driver does not tell how many fit: those of all but A30, which has four. */
const USUAL_SLICES = 7n
const NS_PER_US = 1_000n
const PERCENT = 100n

/** A part of a card, and who holds it: all of it, or an instance of MIG. */
interface Piece extends Allocation {
  /** Of the piece among those of the card. */
  readonly weight: bigint
  readonly processes: readonly Held[]
}

/** A process and its consumer; its weight is the memory that it has. */
interface Held extends Weighted {
  readonly pid: number
}

/** Gathers time by consumer. */
class Sheet {
  readonly #rows = new Map<string, { readonly consumer: Consumer; use: bigint; reserved: bigint }>()

  add(consumer: Consumer, column: 'use' | 'reserved', ns: bigint): void {
    const key = consumerKey(consumer)
    const row = this.#rows.get(key) ?? { consumer, use: 0n, reserved: 0n }
    row[column] += ns
    this.#rows.set(key, row)
  }

  /** Shares `ns` among them by weight; the share of `free` is nobody's. */
  share(ns: bigint, column: 'use' | 'reserved', among: readonly Weighted[], free = 0n): void {
    const parts = shareOut(ns, [...among.map(({ weight }) => weight), free])
    for (const [index, { consumer }] of among.entries()) this.add(consumer, column, parts[index] ?? 0n)
  }

  get rows(): AcceleratorUse['holders'] {
    return [...this.#rows.values()]
  }
}

/** Turns what the driver says of its processes into uses and reservations of consumers. */
export class AcceleratorBook {
  readonly #processes: ProcessConsumers
  /** By UUID: when each was last seen, of those that the last frame had. */
  #seenNs = new Map<string, bigint>()
  /** Of all cards of the frame. */
  #minors: readonly bigint[] = []

  constructor(processes: ProcessConsumers) {
    this.#processes = processes
  }

  /**
   * The use of each card since the frame before, whose interval is empty at the first one. None of a card whose users the
   * driver does not tell, or which was lost in between.
   */
  take({ devices, afterNs }: AcceleratorFrame, allocations: Allocations): readonly AcceleratorUse[] {
    const before = this.#seenNs
    this.#seenNs = new Map(devices.map((device) => [device.uuid, device.afterNs]))
    this.#minors = devices.flatMap(({ minor }) => minor ?? [])
    const uses = devices.flatMap((device) => this.#useOf(device, before.get(device.uuid), allocations) ?? [])
    this.#processes.endFrame(afterNs)
    return uses
  }

  #useOf(device: AcceleratorState, seenNs: bigint | undefined, allocations: Allocations): AcceleratorUse | null {
    const endNs = device.afterNs
    const startNs = seenNs ?? endNs
    const pieces = this.#piecesOf(device, allocations)
    if (pieces === null) return null
    const sheet = new Sheet()
    const intervalNs = endNs - startNs
    const total = pieces.reduce((sum, { weight }) => sum + weight, 0n)
    const shares = shareOut(intervalNs, [...pieces.map(({ weight }) => weight), most(wholeOf(device) - total, 0n)])
    const percent = device.percent === null ? null : least(device.percent, PERCENT)
    for (const [index, { holders, free, processes }] of pieces.entries()) {
      const ns = shares[index] ?? 0n
      sheet.share(ns, 'reserved', holders, free)
      if (device.samples === null) sheet.share((ns * (percent ?? PERCENT)) / PERCENT, 'use', processes)
    }
    if (device.samples !== null) this.#useBySamples(device, intervalNs, pieces, sheet)
    const utilisation = percent === null ? null : Number(percent) / Number(PERCENT)
    return { leaf: leafOf(device), startNs, endNs, holders: sheet.rows, utilisation }
  }

  /** Null where it is not known who holds the card. */
  #piecesOf(device: AcceleratorState, allocations: Allocations): readonly Piece[] | null {
    const { processes, instances, isMig, uuid, minor, afterNs } = device
    const uuids = [uuid, ...instances.map((instance) => instance.uuid)]
    if (processes === null && uuids.every((one) => allocations.of(one) === null)) return null
    if (isMig) {
      return instances.map(({ uuid, place, slices }) => {
        const own = this.#held(
          (processes ?? []).filter((process) => process.place === place),
          afterNs,
        )
        return { weight: slices ?? 1n, processes: own, ...(allocations.of(uuid) ?? byProcess(own)) }
      })
    }
    const held = this.#held(processes ?? [], afterNs)
    const unused = { holders: allocations.permitted(minor, this.#minors), free: 0n }
    const others = held.length > 0 ? byProcess(held) : unused
    return [{ weight: 1n, processes: held, ...(allocations.of(uuid) ?? others) }]
  }

  /** Processes, each once, without the server that works for others. Where one's memory is not told, all weigh the same. */
  #held(processes: readonly AcceleratorProcess[], nowNs: bigint): readonly Held[] {
    const clients = processes.filter(({ kind }) => kind === 'mps')
    const memory = new Map<number, bigint>()
    for (const { pid, memoryBytes } of processes) {
      if (clients.length > 0 && this.#processes.isMpsServer(pid, nowNs)) continue
      memory.set(pid, most(memory.get(pid) ?? 0n, memoryBytes ?? 0n))
    }
    const isTold = [...memory.values()].every((bytes) => bytes > 0n)
    return [...memory].map(([pid, bytes]) => ({
      pid,
      consumer: this.#processes.of(pid, nowNs, true),
      weight: isTold ? bytes : 1n,
    }))
  }

  #useBySamples(device: AcceleratorState, intervalNs: bigint, pieces: readonly Piece[], sheet: Sheet): void {
    const listed = new Set((device.processes ?? []).map(({ pid }) => pid))
    const busy = [...busyNs(device, intervalNs)]
    const parts = withinInterval(
      busy.map(([, ns]) => ns),
      intervalNs,
    )
    const isMps = device.processes?.some(({ kind }) => kind === 'mps') ?? false
    for (const [index, [pid]] of busy.entries()) {
      const ns = parts[index] ?? 0n
      const clients = pieces.flatMap(({ processes }) => processes)
      if (isMps && clients.length > 0 && this.#processes.isMpsServer(pid, device.afterNs))
        sheet.share(ns, 'use', clients)
      else sheet.add(this.#processes.of(pid, device.afterNs, listed.has(pid)), 'use', ns)
    }
  }
}

/** By pid. A sample is the mean since the one before of the same process, or since the driver was last asked. */
function busyNs({ samples, sinceUs }: AcceleratorState, intervalNs: bigint): ReadonlyMap<number, bigint> {
  // What was never filled in is no sample.
  const sound = (samples ?? []).filter(({ pid, atUs, percent }) => pid > 0 && atUs > sinceUs && percent <= PERCENT)
  const newestUs = sound.reduce((newest, { atUs }) => most(newest, atUs), 0n)
  const startUs = most(sinceUs, newestUs - intervalNs / NS_PER_US)
  const lastUs = new Map<number, bigint>()
  const busy = new Map<number, bigint>()
  for (const { pid, atUs, percent } of sound.toSorted((a, b) => Number(a.atUs - b.atUs || b.percent - a.percent))) {
    const spanUs = most(atUs - (lastUs.get(pid) ?? startUs), 0n)
    lastUs.set(pid, most(atUs, startUs))
    busy.set(pid, (busy.get(pid) ?? 0n) + (spanUs * NS_PER_US * percent) / PERCENT)
  }
  return busy
}

/** Each one's percents are rounded, so that together they may be more than all. */
function withinInterval(parts: readonly bigint[], intervalNs: bigint): readonly bigint[] {
  const sum = parts.reduce((total, part) => total + part, 0n)
  return sum > intervalNs ? shareOut(intervalNs, parts) : parts
}

/** Where nobody was given the card, who has it open holds it. */
function byProcess(holders: readonly Held[]): Allocation {
  return { holders, free: 0n }
}

function wholeOf({ isMig, boardSlices }: AcceleratorState): bigint {
  return isMig ? (boardSlices ?? USUAL_SLICES) : 1n
}

/** As the account names it: on a superchip the place is inside the socket of its Grace, which the PCI domain numbers. */
export function leafOf({ uuid, pciAddress, isC2c }: AcceleratorState): string {
  const place = pciAddress === '' ? uuid : pciAddress
  const socket = Number.parseInt(pciAddress.split(':')[0] || '0', 16) >> 4
  return isC2c ? `accelerators/socket-${socket}/${place}` : `accelerators/${place}`
}
