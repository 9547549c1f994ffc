import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { AcceleratorSharing } from '../model/attribution.ts'
import type { Clock } from '../model/clock.ts'
import type { Component } from '../model/lifecycle.ts'
import { SensorError } from '../model/sensor-error.ts'
import { NS_PER_MS } from '../model/units.ts'
import { AcceleratorWatch } from '../native/accelerator-watch.ts'
import { type AllocationFiles, type Allocations, NO_ALLOCATIONS, readAllocations } from './accelerator-allocations.ts'
import { AcceleratorBook } from './accelerator-book.ts'
import { ProcessConsumers } from './accelerator-processes.ts'
import { SharingBook } from './accelerator-sharing.ts'
import type { AcceleratorUse } from './accelerator-use.ts'
import { cgroupLayout } from './cgroup-layout.ts'

export interface AcceleratorUseOptions {
  /** What dlopen(3) takes: the driver's management library. */
  readonly library: string
  readonly sysfs?: string
  readonly procfs: string
  /** A GPU that may sleep is asked no sooner than this while nobody uses it. */
  readonly idleMs?: number
  readonly clock: Clock
  readonly cgroupfs?: string
  /** The kubelet's checkpoint of its devices. */
  readonly checkpoint?: string
  /** Transient units of systemd. */
  readonly units?: string
  readonly intervalMs?: number
  /** A driver that is lost is looked for no sooner than this, then ever less often. Default 30 s. */
  readonly recoverAfterMs?: number
}

/** Who uses the accelerators, followed while it runs; nothing where there is no driver. */
export interface AcceleratorUseSource extends Component {
  /** Uses since the last call, in order of time. */
  take(): readonly AcceleratorUse[]
  /** How each card is shared now. */
  readonly cards: readonly AcceleratorSharing[]
}

const DEFAULTS = {
  sysfs: '/sys',
  cgroupfs: '/sys/fs/cgroup',
  checkpoint: '/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint',
  units: '/run/systemd/transient',
  intervalMs: 1_000,
  idleMs: 60_000,
  recoverAfterMs: 30_000,
}
/** nvmlInit starts GPUs that nobody uses, which takes a second or two for each. */
const OPEN_TIMEOUT_MS = 30_000
/** A driver may be loaded while the agent runs. */
const RETRY_MS = 60_000
const ALLOCATIONS_MS = 30_000
/** Beyond this a card that has not been seen may be shared in another way. */
const STALE_NS = 60_000n * NS_PER_MS
/** While nobody takes them: ten minutes of sixteen cards. */
const MOST_PENDING = 10_000

export function createAcceleratorUse(options: AcceleratorUseOptions): AcceleratorUseSource {
  return new AcceleratorFollower(options)
}

class AcceleratorFollower implements AcceleratorUseSource {
  readonly name = 'accelerator-use'
  readonly #options: Required<AcceleratorUseOptions>
  readonly #files: AllocationFiles
  readonly #book: AcceleratorBook
  readonly #sharing = new SharingBook()
  readonly #end = new AbortController()
  #watch: AcceleratorWatch | null = null
  #work: Promise<void> | null = null
  #pending: AcceleratorUse[] = []
  #allocations: Allocations = NO_ALLOCATIONS

  constructor(options: AcceleratorUseOptions) {
    this.#options = { ...DEFAULTS, ...options }
    const { procfs, cgroupfs, checkpoint, units } = this.#options
    const usage = cgroupLayout({ procfs, cgroupfs })?.trees.find((tree) => tree.of === 'usage')
    const version = usage?.version ?? 2
    const processes = new ProcessConsumers({ procfs, version })
    this.#book = new AcceleratorBook(processes)
    const devices = join(cgroupfs, 'devices')
    this.#files = { checkpoint, groups: usage?.root ?? cgroupfs, devices, units, self: processes.self() }
  }

  async start(): Promise<void> {
    this.#work = this.#follow(this.#end.signal)
  }

  take(): readonly AcceleratorUse[] {
    this.#collect()
    const taken = this.#pending
    this.#pending = []
    return taken
  }

  get cards(): readonly AcceleratorSharing[] {
    return this.#sharing.cards(this.#options.clock.monotonicNs() - STALE_NS)
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#work
    await this.#watch?.close()
    this.#watch = null
  }

  async #follow(signal: AbortSignal): Promise<void> {
    if (!(await this.#open(signal))) return
    do {
      await this.#refresh(signal)
      this.#collect()
    } while (await after(ALLOCATIONS_MS, signal))
  }

  /** True once it is open, false at the end. One that hangs is waited for again: a second thread would hang as well. */
  async #open(signal: AbortSignal): Promise<boolean> {
    const { library, intervalMs, recoverAfterMs, idleMs, sysfs, procfs } = this.#options
    while (!signal.aborted) {
      // Processes are looked up as soon as the driver names them: they may end before anyone takes their use.
      const onNews = () => this.#collect()
      this.#watch ??= new AcceleratorWatch({ library, intervalMs, recoverAfterMs, idleMs, sysfs, procfs, onNews })
      try {
        await this.#watch.open(OPEN_TIMEOUT_MS, signal)
        return true
      } catch (cause) {
        if (signal.aborted || (cause instanceof SensorError && cause.code === 'SENSOR_TIMEOUT')) continue
        await this.#watch.close()
        this.#watch = null
        await after(RETRY_MS, signal)
      }
    }
    return false
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    // Rejects only when it is ended.
    await readAllocations(this.#files, signal).then(
      (allocations) => {
        this.#allocations = allocations
      },
      () => {},
    )
  }

  #collect(): void {
    for (const frame of this.#watch?.take() ?? []) {
      const uses = this.#book.take(frame, this.#allocations)
      this.#sharing.take(frame.devices, uses)
      this.#pending.push(...uses.filter(({ startNs, endNs }) => startNs < endNs))
    }
    this.#pending = this.#pending.slice(-MOST_PENDING)
  }
}

/** False when it was ended before. */
async function after(ms: number, signal: AbortSignal): Promise<boolean> {
  return pause(ms, true, { signal, ref: false }).catch(() => false)
}
