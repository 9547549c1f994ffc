import type { Consumer } from '../model/consumer.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Logger } from '../model/logger.ts'
import { SensorError } from '../model/sensor-error.ts'
import { type CgroupFrame, CgroupWatch } from '../native/cgroup-watch.ts'
import type { UseSource } from './attribution.ts'
import { type CgroupRoots, cgroupLayout } from './cgroup-layout.ts'
import { lastUseIn, lastUseText } from './last-use.ts'
import { type CpuUse, UsageBook } from './usage.ts'

export interface ConsumerWatchOptions {
  readonly roots: CgroupRoots
  /** `attribution.enabled: true`: without control groups the start fails. */
  readonly isRequired: boolean
  readonly name: (consumer: Consumer) => Consumer
  readonly bootId: string
  readonly logger: Logger
}

const INTERVAL_MS = 1_000
/** The first pass opens every group's files. */
const OPEN_MS = 10_000
const REMEDY = 'mount /sys/fs/cgroup where the agent sees it, or set attribution.enabled: false'

/** Follows the machine's control groups, and says who used the processors. */
export class ConsumerWatch implements Component, UseSource {
  readonly name = 'attribution'
  readonly #options: ConsumerWatchOptions
  #book: UsageBook
  #watch: CgroupWatch | null = null
  #weights: 1 | 2 = 2
  #first: CgroupFrame | null = null
  #place = ''
  #ending = new AbortController()

  constructor(options: ConsumerWatchOptions) {
    this.#options = options
    this.#book = new UsageBook(options.name)
  }

  async start(signal: AbortSignal): Promise<void> {
    const { roots, isRequired, logger } = this.#options
    try {
      await this.#open(roots, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof SensorError)) throw error
      const message = `${error.message}: ${REMEDY}`
      if (isRequired) throw new SensorError(error.code, `attribution.enabled is true, but ${message}`, { cause: error })
      logger.warn({ event: 'attribution_absent' }, `all energy goes to the consumer "system", since ${message}`)
    }
  }

  async stop(): Promise<void> {
    const watch = this.#watch
    this.#ending.abort()
    this.#watch = null
    this.#first = null
    await watch?.close()
  }

  get isReading(): boolean {
    return this.#watch !== null
  }

  get weights(): 1 | 2 {
    return this.#weights
  }

  /** Reads the groups now, for the end of a measured window. Never rejects: another pass follows within a second. */
  async look(): Promise<void> {
    await this.#watch?.passNow(INTERVAL_MS, this.#ending.signal).catch(() => {})
  }

  take(): CpuUse | null {
    const frame = this.#first ?? this.#watch?.take() ?? null
    this.#first = null
    return frame && this.#book.take(frame)
  }

  resume(lastUse: string): void {
    this.#book = new UsageBook(this.#options.name, lastUseIn(lastUse, this.#place))
  }

  get lastUse(): string {
    const last = this.#book.lastUse
    return last === null ? '' : lastUseText(last, this.#place)
  }

  async #open(roots: CgroupRoots, signal: AbortSignal): Promise<void> {
    const layout = cgroupLayout(roots)
    if (!layout) throw new SensorError('SENSOR_ABSENT', `${roots.procfs}/self/mountinfo names no control groups`)
    this.#weights = layout.trees.find((tree) => tree.of === 'cpu')?.version ?? 2
    const usage = layout.trees.find((tree) => tree.of === 'usage')
    this.#place = `${this.#options.bootId} ${usage?.version} ${usage?.root}`
    const watch = new CgroupWatch({ ...layout, intervalMs: INTERVAL_MS })
    try {
      await watch.open(OPEN_MS, signal)
      await watch.passNow(OPEN_MS, signal)
    } catch (error) {
      await watch.close()
      throw error
    }
    this.#book = new UsageBook(this.#options.name)
    this.#watch = watch
    this.#ending = new AbortController()
    // Passes that nobody takes are one, and counting begins with the first that is taken.
    this.#first = watch.take()
  }
}
