import { randomUUID } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { FINEST_MS, FINEST_NS } from '../model/finest.ts'
import { NS_PER_MS } from '../model/units.ts'
import type { WindowEnd } from '../model/window.ts'
import { MeasuredWindow, type WindowFacts } from './measured-window.ts'
import type { Bytes } from './network.ts'
import type { WindowBooks } from './window-books.ts'
import type { WindowStore } from './window-store.ts'

/** As many windows may be open at once, of all users and of one. */
export const MOST_OPEN = 1_000
export const MOST_OPEN_PER_USER = 250
/** And so many may wait for energy of their time, as while a card is away. */
export const MOST_UNFINISHED = 20_000
/** Beginnings and ends that come right after a write wait so long for the next one. */
const WRITE_MS = 100
/** How often limits are looked at. */
const LIMIT_CHECK_MS = 1_000

export interface WindowsOptions {
  readonly books: WindowBooks
  readonly store: WindowStore
  readonly clock: Clock
  readonly bootId: string
  /** Reads anew what can be read at once, and settles what that decides. */
  readonly renew: () => Promise<void>
  /** Has it looked now who used the machine. Never rejects. */
  readonly look: () => Promise<void>
  /** Tells, when it is asked, what a process's network namespace has carried since now. */
  readonly networkMeter: (pid: number) => () => Bytes | null
  /** `windows.limit` */
  readonly limitMs: number
}

/** What a client says of a window that it begins. */
export type Wish = Pick<WindowFacts, 'uid' | 'name' | 'tags' | 'series' | 'repeats' | 'baselineUw'> & {
  readonly limitMs: number | null
  /** A command of the client's will run in the window's scope: see `scopeOfWindow`. */
  readonly hasScope: boolean
}

/** Begins and ends windows at readings that are taken then. */
export class Windows {
  readonly #options: WindowsOptions
  readonly #meters = new WeakMap<MeasuredWindow, () => Bytes | null>()
  #readNs = 0n
  #begun: MeasuredWindow[] = []
  #ended: MeasuredWindow[] = []
  #wroteNs = 0n
  #write: { readonly timer: NodeJS.Timeout; readonly done: PromiseWithResolvers<void> } | null = null
  #nudge: NodeJS.Timeout | undefined
  #limits: NodeJS.Timeout | undefined

  constructor(options: WindowsOptions) {
    this.#options = options
  }

  /** Null where too many are open. `pid`: the process that asks, if it is known. */
  async begin({ limitMs, hasScope, ...wish }: Wish, pid: number | null): Promise<MeasuredWindow | null> {
    const { books, clock, bootId, networkMeter } = this.#options
    const open = books.openWindows
    const own = open.filter(({ facts }) => facts.uid === wish.uid)
    if (open.length >= MOST_OPEN || own.length >= MOST_OPEN_PER_USER || books.unfinished >= MOST_UNFINISHED) return null
    const facts = {
      ...wish,
      id: randomUUID(),
      bootId,
      limitMs: Math.min(limitMs ?? this.#options.limitMs, this.#options.limitMs),
      startNs: clock.monotonicNs(),
      startUnixMs: clock.unixMs(),
    }
    const window = new MeasuredWindow(facts, hasScope)
    if (pid !== null) this.#meters.set(window, networkMeter(pid))
    books.open(window)
    this.watchLimits()
    this.#begun.push(window)
    await this.#edge(window.facts.startNs)
    void this.#written()
    return window
  }

  /** Ends it, if nothing has before, and waits until all that was used in it is counted, or for so long. */
  async end(window: MeasuredWindow, patienceMs: number): Promise<void> {
    const { books, clock } = this.#options
    if (window.end === null) {
      const end: WindowEnd = { ns: clock.monotonicNs(), unixMs: clock.unixMs(), by: 'client' }
      window.close(end, this.#meters.get(window)?.() ?? null)
      this.#ended.push(window)
      // Who is told that it has ended must not find it open again.
      await Promise.all([this.#edge(end.ns), this.#written()])
      // After the reading, so that it is known at once whose that was.
      if (window.own !== null) await this.#options.look()
      books.finishKnown()
    }
    this.#keepReading()
    await books.until(() => window.isFinal, patienceMs)
  }

  /** Waits until the energy of now is known, or for so long. */
  async bringUpToNow(patienceMs: number): Promise<void> {
    const { books, clock } = this.#options
    const nowNs = clock.monotonicNs()
    await this.#edge(nowNs)
    this.#keepReading()
    await books.until(() => books.isKnownUntil(nowNs), patienceMs)
  }

  /** Ends each window at its limit, also while nothing is posted: as long as any is open. */
  watchLimits(): void {
    this.#limits ??= setInterval(() => this.enforceLimits(), LIMIT_CHECK_MS).unref()
  }

  enforceLimits(): void {
    const { books, clock } = this.#options
    books.closeOverdue(clock.monotonicNs())
    if (books.openWindows.length === 0) this.#forgetLimits()
  }

  #forgetLimits(): void {
    clearInterval(this.#limits)
    this.#limits = undefined
  }

  stop(): void {
    clearTimeout(this.#nudge)
    this.#nudge = undefined
    this.#forgetLimits()
    this.#writeNow()
  }

  /** Between two edges lies a second, or the second of them has no reading of its own. */
  async #edge(ns: bigint): Promise<void> {
    this.#options.books.cutAt(ns)
    if (ns - this.#readNs < FINEST_NS) return
    this.#readNs = ns
    await this.#options.renew()
  }

  /** While somebody waits for an account that is slow to read, it is read each second. */
  #keepReading(): void {
    if (this.#nudge !== undefined) return
    this.#nudge = setTimeout(async () => {
      this.#nudge = undefined
      if (this.#options.books.waiting === 0) return
      await this.#options.renew()
      this.#keepReading()
    }, FINEST_MS)
    this.#nudge.unref()
  }

  /** Writes what has begun and ended: at once, or with what comes within a tenth of a second. */
  async #written(): Promise<void> {
    if (this.#options.clock.monotonicNs() - this.#wroteNs >= BigInt(WRITE_MS) * NS_PER_MS) this.#writeNow()
    else {
      this.#write ??= { timer: setTimeout(() => this.#writeNow(), WRITE_MS), done: Promise.withResolvers() }
      await this.#write.done.promise
    }
  }

  #writeNow(): void {
    const { store, clock } = this.#options
    clearTimeout(this.#write?.timer)
    if (this.#begun.length + this.#ended.length > 0) {
      this.#wroteNs = clock.monotonicNs()
      const begun = this.#begun.map((window) => new MeasuredWindow(window.facts, window.own !== null).row(null))
      store.write(
        begun,
        this.#ended.flatMap(({ facts: { id }, end }) => (end === null ? [] : { id, end })),
      )
    }
    this.#begun = []
    this.#ended = []
    this.#write?.done.resolve()
    this.#write = null
  }
}
