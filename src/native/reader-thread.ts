import { SensorError, type SensorErrorCode } from '../model/sensor-error.ts'
import { NS_PER_MS } from '../model/units.ts'
import { type NativeChannel, type NativePoller, type NativeReader, native, sensorErrorCode } from './addon.ts'

/** A raw 64-bit value, or why there is none. `detail` is errno, nvmlReturn_t or an IPMI completion code. */
export type RawReading = { readonly beforeNs: bigint; readonly afterNs: bigint } & (
  | { readonly value: bigint }
  | { readonly code: number; readonly detail: number }
)

/** Sweeps kept while the event loop does not drain: ten minutes at 1 Hz. */
const QUEUE_CAPACITY = 600
/** How long a closing thread is waited for before it is left behind; a driver stuck in the kernel never ends. */
const CLOSE_PATIENCE_MS = 1_000
const CLOSE_POLL_MS = 5

/** A reader that could not open, with its own number for the reason: errno, nvmlReturn_t or an IPMI completion code. */
export class ReaderError extends SensorError {
  readonly detail: number

  constructor(code: SensorErrorCode, message: string, detail: number) {
    super(code, message)
    this.detail = detail
  }
}

export interface ReaderThreadOptions {
  readonly reader: NativeReader
  readonly intervalMs: number
  /** Called when the reader is open, and after a sweep that was asked for or that does not wait for the next drain. */
  readonly onSignal?: () => void
}

/** One native reader on its own thread, as promises. */
export class ReaderThread {
  readonly #poller: NativePoller
  readonly #waiting = new Set<() => void>()
  #pending: RawReading[][] = []
  #width = 0

  constructor({ reader, intervalMs, onSignal }: ReaderThreadOptions) {
    const intervalNs = BigInt(Math.round(intervalMs)) * NS_PER_MS
    this.#poller = new native.Poller({ ...reader, intervalNs, capacity: QUEUE_CAPACITY }, () => {
      this.#wake()
      onSignal?.()
    })
  }

  /** Rejects with a SensorError: the reader's own, or SENSOR_TIMEOUT when it did not answer in time. */
  async open(timeoutMs: number, signal: AbortSignal): Promise<readonly NativeChannel[]> {
    this.#poller.start()
    const opened = () => {
      const state = this.#poller.state()
      return state.phase === 'opening' ? undefined : state
    }
    const state = await this.#until(opened, timeoutMs, signal)
    if (state.phase !== 'open') {
      const { code = 0, message = 'the reader did not open', detail = 0 } = state
      throw new ReaderError(sensorErrorCode(code), message, detail)
    }
    const channels = this.#poller.channels()
    this.#width = channels.length
    return channels
  }

  /** All sweeps since the last call, oldest first. */
  drain(): RawReading[][] {
    this.#collect()
    // Before it is taken away: the sweep may be in the queue ahead of its signal.
    this.#wake()
    const sweeps = this.#pending
    this.#pending = []
    return sweeps
  }

  /** CLOCK_MONOTONIC at which the read under way began; 0 when none is. */
  get inFlightSinceNs(): bigint {
    return this.#poller.state().inFlightSinceNs
  }

  /** The reader itself noticed that it would find other channels if it were opened anew. */
  get isOutdated(): boolean {
    return this.#poller.state().outdated
  }

  async readNow(timeoutMs: number, signal: AbortSignal): Promise<RawReading[]> {
    const askedNs = native.monotonicNs()
    const fresh = () => {
      this.#collect()
      return this.#pending.find((sweep) => sweep[0] !== undefined && sweep[0].beforeNs >= askedNs)
    }
    if (this.#width === 0) return []
    this.#poller.readNow()
    return this.#until(fresh, timeoutMs, signal)
  }

  async close(): Promise<void> {
    if (this.#poller.stop(0n)) return
    for (let waitedMs = 0; waitedMs < CLOSE_PATIENCE_MS; waitedMs += CLOSE_POLL_MS) {
      const { phase } = this.#poller.state()
      if (phase === 'stopped' || phase === 'failed') return
      await new Promise((resolve) => setTimeout(resolve, CLOSE_POLL_MS))
    }
  }

  #collect(): void {
    // The thread may have read before open() knows what.
    if (this.#width === 0) return
    const flat = this.#poller.drain()
    for (let start = 0; start < flat.length; start += this.#width * 4) {
      const sweep: RawReading[] = []
      for (let at = start; at < start + this.#width * 4; at += 4) sweep.push(rawReading(flat, at))
      this.#pending.push(sweep)
    }
  }

  #wake(): void {
    for (const look of this.#waiting) look()
  }

  /** What `find` finds when it is asked now, at a signal of the thread or at a drain. */
  #until<T>(find: () => T | undefined, timeoutMs: number, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#waiting.delete(look)
        finish()
      }
      const look = () => {
        const found = find()
        if (found !== undefined) settle(() => resolve(found))
      }
      const onAbort = () => settle(() => reject(signal.reason))
      const timer = setTimeout(
        () => settle(() => reject(new SensorError('SENSOR_TIMEOUT', `no answer within ${timeoutMs} ms`))),
        timeoutMs,
      )
      this.#waiting.add(look)
      signal.addEventListener('abort', onAbort)
      if (signal.aborted) onAbort()
      else look()
    })
  }
}

function rawReading(flat: BigUint64Array, at: number): RawReading {
  // Not by a pattern, which leaves a list and an iterator: each reading of each channel comes by.
  const value = flat[at] ?? 0n
  const beforeNs = flat[at + 1] ?? 0n
  const afterNs = flat[at + 2] ?? 0n
  const status = flat[at + 3] ?? 0n
  const code = Number(status & 0xffffffffn)
  return code === 0
    ? { beforeNs, afterNs, value }
    : { beforeNs, afterNs, code, detail: Number(BigInt.asIntN(32, status >> 32n)) }
}
