/** The boundary to the C++ addon, and its only loader. Exports: native/addon.cc; readers: native/binding/readers.cc. */
import { createRequire } from 'node:module'
import type { SensorErrorCode } from '../model/sensor-error.ts'

/** Options of each native reader by `type`. C++ checks their types again, but not their meaning. */
export interface ReaderOptions {
  /** One unsigned decimal number per file. */
  files: { readonly paths: readonly string[] }
  /** Read once, when it is opened, into the channels' attributes: `text` or `errno`. */
  texts: { readonly paths: readonly string[] }
  /** Numbers of a binary table, by the layout that its bytes 2 and 3 name. Attributes: native/files/words_reader.h. */
  words: {
    readonly path: string
    readonly layouts: readonly WordsLayout[]
    /** `power/runtime_status` of the device, which is not asked while it sleeps; empty for none. */
    readonly runtimeStatus: string
  }
  /** Joules of each named file of HPE Cray's pm_counters. Attributes: native/files/pm_counters_reader.h. */
  'pm-counters': {
    readonly directory: string
    readonly names: readonly string[]
    /** A number that is not renewed for longer does not count. */
    readonly staleNs: bigint
  }
  /** Power (mW) of each socket of an EPYC, and its energy where it counts. Attributes: native/hsmp/hsmp_reader.h. */
  hsmp: {
    /** A device, or `unix:` and the path of a socket. */
    readonly device: string
  }
  /** Counts of the PMU with this number; neighbouring events of one CPU are read in one instant. */
  perf: { readonly pmu: number; readonly events: readonly PerfEvent[] }
  /** Energy status registers; those that do not count are left out. Attributes: native/rapl/msr_reader.h. */
  msr: { readonly registers: readonly MsrRegister[] }
  /** One value per source, as `IpmiSource` says. See native/ipmi/ipmi_reader.h. */
  ipmi: IpmiEndpoint & {
    readonly sources: readonly IpmiSource[]
    readonly absent: readonly IpmiSource[]
    readonly identity: string
    readonly stamp: string
    readonly watchNs: bigint
  }
  /** Who the BMC is and what its records say, in the attributes that native/ipmi/scan_reader.h names. */
  'ipmi-scan': IpmiEndpoint & { readonly knownStamp: string }
  /** Energy (mJ), power (mW) or less of each GPU, by the first of `sources` that it answers. See native/nvml/nvml_reader.h. */
  nvml: {
    /** What dlopen(3) takes. */
    readonly library: string
    readonly sources: readonly string[]
    /** A lost GPU or driver is looked for no sooner than this, then ever less often. */
    readonly recoverAfterNs: bigint
    /** Found before. One that is counted, but lost, stays a channel. */
    readonly known: readonly { readonly uuid: string; readonly source: string; readonly witnesses: readonly string[] }[]
    /** Powers beside which energy counters are watched, best first: of the GPU and of its module. */
    readonly witnesses: readonly string[]
    readonly moduleWitnesses: readonly string[]
    /** GPUs whose energy counter is not asked. */
    readonly distrusted: readonly string[]
  } & NvmlRest
  /** Counts sweeps over the users of the GPUs; what each saw goes into `frames`. See native/nvml/nvml_use_reader.h. */
  'nvml-use': NvmlRest & {
    readonly library: string
    readonly recoverAfterNs: bigint
    readonly frames: NativeNvmlUseFrames
  }
  /** Counts passes; what each saw goes into `frames`. See native/cgroup/cgroup_reader.h. */
  cgroup: {
    readonly trees: readonly CgroupTree[]
    /** /proc/stat, for the usage of a root that does not tell it. */
    readonly stat: string
    readonly mostGroups: number
    readonly mostDescriptors: number
    readonly frames: NativeCgroupFrames
  }
}

/** A GPU that may sleep is asked once in `idleNs` while nobody uses it. */
export interface NvmlRest {
  /** Folder of the PCI devices in sysfs. */
  readonly devices: string
  /** Folder of the GPUs in the driver's part of procfs. */
  readonly driver: string
  readonly idleNs: bigint
}

export interface WordsLayout {
  readonly format: number
  readonly content: number
  /** Unsigned, little-endian. */
  readonly words: readonly { readonly offset: number; readonly width: number }[]
}

/** The tree in which a quantity of each group is found. That of `usage` is the one that is walked. */
export interface CgroupTree {
  readonly of: 'usage' | 'memory' | 'cpu' | 'cpuset'
  readonly root: string
  readonly version: 1 | 2
}

export interface PerfEvent {
  readonly cpu: number
  /** perf_event_attr.config */
  readonly config: number
}

export interface MsrRegister {
  /** The msr device of one CPU. */
  readonly path: string
  readonly register: number
  readonly unitRegister: number
}

/** The character device at `path`, or with a `port` other than 0 the VM codec at `host`. */
export interface IpmiEndpoint {
  readonly path: string
  readonly host: string
  readonly port: number
  /** For each request. */
  readonly deadlineNs: bigint
}

/**
 * A quantity that a BMC tells, and its raw value. `power`: watts in bits 0 to 15, above DCMI's state byte, then 16 bits
 * each for the BMC's minimum and maximum. `sensor`: the raw byte, or where there is none 0x100 and the byte of states that
 * the sensor `status` has. `dell-energy`: Wh. `lenovo-*`: mJ.
 */
export interface IpmiSource {
  readonly kind: 'power' | 'sensor' | 'dell-energy' | 'lenovo-node-energy' | 'lenovo-dc-energy' | 'lenovo-ac-energy'
  /** Address of the controller that owns the sensor: slave address (0x20 is the BMC), channel and unit. */
  readonly owner: number
  readonly channel: number
  readonly lun: number
  /** Of the sensor, or the handle of Lenovo's energy meter. */
  readonly number: number
  /** The discrete sensor of the same owner that is asked when this one has no reading; 0xff for none. */
  readonly status: number
}

export type NativeReader = { [T in keyof ReaderOptions]: { readonly type: T } & ReaderOptions[T] }[keyof ReaderOptions]

/** What a reader found: an identity for people and raw facts. */
export interface NativeChannel {
  readonly id: string
  readonly attributes: Readonly<Record<string, string>>
}

interface NativePollerState {
  readonly phase: 'idle' | 'opening' | 'open' | 'failed' | 'stopped'
  /** CLOCK_MONOTONIC at which the open or read under way began; 0 when none is. */
  readonly inFlightSinceNs: bigint
  readonly sweeps: bigint
  readonly missed: bigint
  readonly dropped: bigint
  /** The reader noticed that opening it anew would find other channels. */
  readonly outdated: boolean
  /** Only when `failed`. */
  readonly code?: number
  readonly detail?: number
  readonly message?: string
}

/** A reader on its own thread. See native/core/poller.h. */
export interface NativePoller {
  start(): void
  state(): NativePollerState
  channels(): readonly NativeChannel[]
  /** Four integers per reading: value, beforeNs, afterNs, detail << 32 | code. */
  drain(): BigUint64Array
  /** Asks for a sweep out of turn; `onSignal` is called when it is in the queue. */
  readNow(): void
  /** Ends the thread, waiting for it at most so long; false when it is still stuck in a read and was left behind. */
  stop(timeoutNs: bigint): boolean
}

/** Stands for all passes since the last; the numbers are in the order of the structures in native/cgroup/frame.h. */
export interface NativeCgroupFrame {
  readonly pass: bigint
  readonly beforeNs: bigint
  readonly afterNs: bigint
  readonly truncated: number
  /** Ten per group. */
  readonly rows: BigUint64Array
  /** Four per birth, whose names are in `names`. */
  readonly births: BigUint64Array
  readonly names: readonly string[]
  /** Three per death. */
  readonly deaths: BigUint64Array
}

export interface NativeCgroupFrames {
  /** Null without a pass since the last call. */
  take(): NativeCgroupFrame | null
}

/** What one sweep saw; the numbers are in the order of the structures in native/nvml/nvml_use_frame.h. */
export interface NativeNvmlUseFrame {
  readonly beforeNs: bigint
  readonly afterNs: bigint
  readonly devices: readonly {
    readonly uuid: string
    readonly pciAddress: string
    /** nvmlReturn_t */
    readonly processesReturn: number
    readonly samplesReturn: number
    /** Eight. */
    readonly facts: BigUint64Array
    /** Five per process. */
    readonly processes: BigUint64Array
    /** Three per sample. */
    readonly samples: BigUint64Array
    /** Five per instance, whose UUIDs are in `instanceUuids`. */
    readonly instances: BigUint64Array
    readonly instanceUuids: readonly string[]
  }[]
}

export interface NativeNvmlUseFrames {
  /** All since the last call, oldest first. */
  take(): readonly NativeNvmlUseFrame[]
}

interface NativeAddon {
  readonly CgroupFrames: new () => NativeCgroupFrames
  readonly NvmlUseFrames: new () => NativeNvmlUseFrames
  /** `capacity` is the number of sweeps kept while nobody drains. */
  readonly Poller: new (
    options: NativeReader & { readonly intervalNs: bigint; readonly capacity: number },
    onSignal: () => void,
  ) => NativePoller
  monotonicNs(): bigint
  boottimeNs(): bigint
  /** Pages of Node's own file are the kernel's again, and mapped anew where they are read: the start read three times as many as a minute does. */
  forgetProgram(): void
  /** _exit(2): waits for no thread and runs no handler. */
  exitNow(code: number): never
  /** malloc_trim(3): pages that it holds and nobody uses go back to the kernel. */
  trimMemory(): void
  /** One full collection, after which V8 keeps none of the pages that it emptied. False where this Node has no such, and nothing was done. */
  collectGarbage(): boolean
  /**
   * Tells the service manager newline-separated assignments such as `READY=1` (sd_notify(3)). False without
   * NOTIFY_SOCKET; throws an Error when the socket refuses. Takes at most a second.
   */
  sdNotify(state: string): boolean
  /** The other end of a unix socket when it connected (unix(7)). Throws an Error for any other descriptor. */
  peerCredentials(fd: number): {
    readonly pid: number
    readonly uid: number
    readonly gid: number
    readonly groups: readonly number[]
  }
}

/** Index is the number of `Code` in native/core/result.h, without its first, kOk. */
const CODES: readonly SensorErrorCode[] = [
  'SENSOR_ABSENT',
  'SENSOR_PERMISSION',
  'SENSOR_TRANSIENT',
  'SENSOR_TIMEOUT',
  'SENSOR_CORRUPT',
  'SENSOR_CLOSED',
]

export function sensorErrorCode(code: number): SensorErrorCode {
  return CODES[code - 1] ?? 'SENSOR_CLOSED'
}

const require = createRequire(import.meta.url)

export const native: NativeAddon = require('#addon') as NativeAddon
