import { join } from 'node:path'
import { NS_PER_MS } from '../model/units.ts'
import { type NativeNvmlUseFrame, type NativeNvmlUseFrames, type NvmlRest, native } from './addon.ts'
import { ReaderThread } from './reader-thread.ts'

export interface AcceleratorWatchOptions {
  /** What dlopen(3) takes. */
  readonly library: string
  readonly intervalMs: number
  /** A lost driver is looked for no sooner than this, then ever less often. */
  readonly recoverAfterMs: number
  /** A GPU that may sleep is asked this often while nobody uses it. Default 1 min. */
  readonly idleMs?: number
  /** Default: this machine's. */
  readonly sysfs?: string
  readonly procfs?: string
  /** Called when there is something to take that should not wait: a process was named that the sweep before did not name. */
  readonly onNews?: () => void
}

/** A process that has a GPU, or an instance of it, open. One that does so in two ways is there twice. */
export interface AcceleratorProcess {
  /** In the namespace of the driver, which is the host's. */
  readonly pid: number
  readonly kind: 'compute' | 'graphics' | 'mps'
  readonly memoryBytes: bigint | null
  /** Of MIG: see `AcceleratorInstance.place`. */
  readonly place: string | null
}

/** How busy a process kept the GPU's multiprocessors since the sample before, in percent of the time up to `atUs`. */
export interface AcceleratorSample {
  readonly pid: number
  /** Of a clock of the driver's. */
  readonly atUs: bigint
  readonly percent: bigint
}

/** A compute instance of MIG. */
export interface AcceleratorInstance {
  readonly uuid: string
  /** Distinguishes it on its GPU: the numbers of its GPU instance and of itself. */
  readonly place: string
  /** Compute slices; those of a whole GPU are `AcceleratorState.boardSlices`. */
  readonly slices: bigint | null
}

/** What the driver says of one GPU's users. */
export interface AcceleratorState {
  readonly uuid: string
  /** As in sysfs; empty where it is not told. */
  readonly pciAddress: string
  readonly afterNs: bigint
  /** Has a CPU behind NVLink-C2C (Grace). */
  readonly isC2c: boolean
  /** Of /dev/nvidia<minor>. */
  readonly minor: bigint | null
  /** Of the whole GPU, in percent. */
  readonly percent: bigint | null
  readonly isMig: boolean
  readonly boardSlices: bigint | null
  /** Null where the driver does not list them. */
  readonly processes: readonly AcceleratorProcess[] | null
  /** Null where the driver does not count them: with MIG, for virtual and older GPUs. */
  readonly samples: readonly AcceleratorSample[] | null
  /** Samples are younger than this. */
  readonly sinceUs: bigint
  readonly instances: readonly AcceleratorInstance[]
}

export interface AcceleratorFrame {
  readonly beforeNs: bigint
  readonly afterNs: bigint
  /** Those that can be asked: neither lost nor forbidden. */
  readonly devices: readonly AcceleratorState[]
}

type NativeDevice = NativeNvmlUseFrame['devices'][number]

const UNTOLD = 2n ** 64n - 1n
const SUCCESS = 0
/** Of samples: nobody was busy. */
const NOT_FOUND = 6
const IDLE_MS = 60_000
const KINDS = ['compute', 'graphics', 'mps'] as const

/** Where a reader of GPUs sees which of them may sleep. */
export function nvmlRest(sysfs: string, procfs: string, idleMs: number): NvmlRest {
  return {
    devices: join(sysfs, 'bus/pci/devices'),
    driver: join(procfs, 'driver/nvidia/gpus'),
    idleNs: BigInt(Math.round(idleMs)) * NS_PER_MS,
  }
}

/** Follows the users of the GPUs on a thread of its own: a call that hangs in the driver holds up nothing else. */
export class AcceleratorWatch {
  readonly #thread: ReaderThread
  readonly #frames: NativeNvmlUseFrames = new native.NvmlUseFrames()

  constructor(options: AcceleratorWatchOptions) {
    const { library, intervalMs, recoverAfterMs, idleMs = IDLE_MS, sysfs = '/sys', procfs = '/proc', onNews } = options
    const recoverAfterNs = BigInt(Math.round(recoverAfterMs)) * NS_PER_MS
    const rest = nvmlRest(sysfs, procfs, idleMs)
    this.#thread = new ReaderThread({
      reader: { type: 'nvml-use', library, recoverAfterNs, frames: this.#frames, ...rest },
      intervalMs,
      ...(onNews && { onSignal: onNews }),
    })
  }

  /** Rejects with a SensorError when there is no driver or it may not be asked. */
  async open(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#thread.open(timeoutMs, signal)
  }

  /** What was seen since the last call, oldest first. */
  take(): readonly AcceleratorFrame[] {
    this.#thread.drain()
    return this.#frames.take().map(({ beforeNs, afterNs, devices }) => ({
      beforeNs,
      afterNs,
      devices: devices.map(stateOf),
    }))
  }

  /** Resolves when a sweep that began after this call can be taken. */
  async sweepNow(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#thread.readNow(timeoutMs, signal)
  }

  /** CLOCK_MONOTONIC at which the sweep under way began; 0 when none is. */
  get inFlightSinceNs(): bigint {
    return this.#thread.inFlightSinceNs
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}

function stateOf({ uuid, pciAddress, facts, ...device }: NativeDevice): AcceleratorState {
  const [, afterNs = 0n, c2c, minor, percent, mig, boardSlices, sinceUs = 0n] = facts
  return {
    uuid,
    pciAddress,
    afterNs,
    isC2c: c2c === 1n,
    minor: told(minor),
    percent: told(percent),
    isMig: mig === 1n,
    boardSlices: told(boardSlices),
    processes: device.processesReturn === SUCCESS ? tuples(device.processes, 5).map(processOf) : null,
    samples: [SUCCESS, NOT_FOUND].includes(device.samplesReturn) ? tuples(device.samples, 3).map(sampleOf) : null,
    sinceUs,
    instances: tuples(device.instances, 5).map((numbers, index) => instanceOf(numbers, device.instanceUuids[index])),
  }
}

function instanceOf([gpu, compute, slices, computeSlices]: BigUint64Array, uuid = ''): AcceleratorInstance {
  return { uuid, place: `${gpu}/${compute}`, slices: told(computeSlices) ?? told(slices) }
}

function processOf([pid = 0n, kind = 0n, memory, gpu, compute]: BigUint64Array): AcceleratorProcess {
  return {
    pid: Number(pid),
    kind: KINDS[Number(kind)] ?? 'compute',
    memoryBytes: told(memory),
    place: told(gpu) === null ? null : `${gpu}/${compute}`,
  }
}

function sampleOf([pid = 0n, atUs = 0n, percent = 0n]: BigUint64Array): AcceleratorSample {
  return { pid: Number(pid), atUs, percent }
}

function tuples(flat: BigUint64Array, width: number): BigUint64Array[] {
  return Array.from({ length: flat.length / width }, (_, index) => flat.subarray(index * width, (index + 1) * width))
}

function told(value = UNTOLD): bigint | null {
  return value === UNTOLD ? null : value
}
