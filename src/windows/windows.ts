import { randomUUID } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { FINEST_MS, FINEST_NS } from '../model/finest.ts'
import type { WindowEnd } from '../model/window.ts'
import { MeasuredWindow, type WindowFacts } from './measured-window.ts'
import type { WindowBooks } from './window-books.ts'
import type { WindowStore } from './window-store.ts'

/** As many windows may be open at once, of all users and of one. */
export const MOST_OPEN = 1_000
export const MOST_OPEN_PER_USER = 250
/** And so many may wait for energy of their time, as while a card is away. */
export const MOST_UNFINISHED = 20_000
/** Windows that begin while the last were just written wait so long for the next write. */
const WRITE_MS = 100

export interface WindowsOptions {
  readonly books: WindowBooks
  readonly store: WindowStore
  readonly clock: Clock
  readonly bootId: string
  /** Reads anew what can be read at once, and settles what that decides. */
  readonly renew: () => Promise<void>
  /** `windows.limit` */
  readonly limitMs: number
}

/** What a client says of a window that it begins. */
export type Wish = Pick<WindowFacts, 'uid' | 'name' | 'tags' | 'series' | 'repeats' | 'baselineUw'> & {
  readonly limitMs: number | null
}

/** Begins and ends windows at readings that are taken then. */
export class Windows {
  readonly #options: WindowsOptions
  #readNs = 0n
  #begun: MeasuredWindow[] = []
  #wroteNs = 0n
  #write: NodeJS.Timeout | undefined
  #nudge: NodeJS.Timeout | undefined

  constructor(options: WindowsOptions) {
    this.#options = options
  }

  /** Null where too many are open. */
  async begin({ limitMs, ...wish }: Wish): Promise<MeasuredWindow | null> {
    const { books, clock, bootId } = this.#options
    const open = books.openWindows
    const own = open.filter(({ facts }) => facts.uid === wish.uid)
    if (open.length >= MOST_OPEN || own.length >= MOST_OPEN_PER_USER || books.unfinished >= MOST_UNFINISHED) return null
    const window = new MeasuredWindow({
      ...wish,
      id: randomUUID(),
      bootId,
      limitMs: Math.min(limitMs ?? this.#options.limitMs, this.#options.limitMs),
      startNs: clock.monotonicNs(),
      startUnixMs: clock.unixMs(),
    })
    books.open(window)
    this.#begun.push(window)
    await this.#edge(window.facts.startNs)
    this.#writeBegun()
    return window
  }

  /** Ends it, if nothing has before, and waits until all that was used in it is counted, or for so long. */
  async end(window: MeasuredWindow, patienceMs: number): Promise<void> {
    const { books, clock } = this.#options
    if (window.end === null) {
      const end: WindowEnd = { ns: clock.monotonicNs(), unixMs: clock.unixMs(), by: 'client' }
      window.close(end)
      this.#writeNow()
      this.#options.store.end(window.facts.id, end)
      await this.#edge(end.ns)
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

  /** Ends the windows whose limit has passed, also while nothing is posted. */
  enforceLimits(): void {
    this.#options.books.closeOverdue(this.#options.clock.monotonicNs())
  }

  stop(): void {
    clearTimeout(this.#write)
    clearTimeout(this.#nudge)
    this.#write = undefined
    this.#nudge = undefined
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

  /** At once, or in one write with those that begin within a tenth of a second. */
  #writeBegun(): void {
    const sinceNs = this.#options.clock.monotonicNs() - this.#wroteNs
    if (sinceNs >= BigInt(WRITE_MS) * 1_000_000n) this.#writeNow()
    else {
      this.#write ??= setTimeout(() => this.#writeNow(), WRITE_MS)
      this.#write.unref()
    }
  }

  #writeNow(): void {
    clearTimeout(this.#write)
    this.#write = undefined
    if (this.#begun.length === 0) return
    this.#wroteNs = this.#options.clock.monotonicNs()
    this.#options.store.begin(this.#begun.map((window) => new MeasuredWindow(window.facts).row(null)))
    this.#begun = []
  }
}
