import { Integration } from '../../src/integration/integration.ts'
import type { LedgerState } from '../../src/model/batch.ts'
import { NS_PER_MS } from '../../src/model/units.ts'
import type { EndedWindow, WindowQuery, WindowRow } from '../../src/model/window.ts'
import { WindowBooks } from '../../src/windows/window-books.ts'
import type { WindowStore } from '../../src/windows/window-store.ts'
import { Windows, type Wish } from '../../src/windows/windows.ts'
import { count, counterChannel, machine, plainCarbon, TestClock } from '../integration/machine.ts'

export const WISH: Wish = {
  uid: 1000,
  name: 'epoch',
  tags: {},
  series: '',
  repeats: null,
  baselineUw: null,
  hasScope: false,
  limitMs: null,
}

/** What a disk holds: windows, and the account of the last flush. */
export class Disk implements WindowStore {
  readonly rows = new Map<string, WindowRow>()
  state: LedgerState | null = null
  begun: readonly WindowRow[][] = []

  write(begun: readonly WindowRow[], ended: readonly EndedWindow[]): boolean {
    this.begun = [...this.begun, [...begun]]
    for (const row of begun) this.rows.set(row.id, this.rows.get(row.id) ?? row)
    for (const { id, end } of ended) {
      const row = this.rows.get(id)
      if (row !== undefined) this.rows.set(id, { ...row, end })
    }
    return true
  }

  unfinished = () => [...this.rows.values()].filter(({ isFinal }) => !isFinal)
  find = (id: string) => this.rows.get(id) ?? null
  list = ({ name }: WindowQuery) =>
    [...this.rows.values()].filter((row) => name === null || row.name === name).reverse()
  spanOf = () => ({ resolutionMs: 60_000, rows: [], parts: [] })
}

/** An agent with a processor of which each reading is asked for: real account and windows, and no thread, socket or disk. */
export class Rig {
  readonly clock: TestClock
  readonly disk: Disk
  /** Up to when it is known whose the energy is. */
  splitUntilNs = 2n ** 63n
  looks = 0
  readonly books = new WindowBooks((ns) => this.splitUntilNs >= ns)
  readonly windows: Windows
  readonly node: Integration
  countUj = 1_000_000n
  readings = 0
  readonly #channel = counterChannel('package-0', { modulus: null })

  constructor(clock = new TestClock(), disk = new Disk(), countUj = 1_000_000n, bootId = 'boot-1') {
    this.clock = clock
    this.disk = disk
    this.countUj = countUj
    this.books.restore(disk.unfinished(), bootId, disk.state)
    const renew = async () => this.read()
    const limitMs = 86_400_000
    this.windows = new Windows({
      books: this.books,
      store: disk,
      clock,
      bootId,
      renew,
      look: async () => void this.looks++,
      networkMeter: () => () => ({ received: 2_000, sent: 500 }),
      limitMs,
    })
    this.node = new Integration({
      clock,
      bootId,
      restored: disk.state,
      meter: 'auto',
      machine,
      carbon: plainCarbon(),
      attribution: null,
      takers: [this.books],
      windows: this.books,
      selfCpuShare: () => 0,
    })
    this.node.setChannels('rapl', [this.#channel])
    this.node.openAccount()
  }

  /** Lets the processor draw so many watts. */
  run(ms: number, w: number): void {
    this.clock.advance(BigInt(ms) * NS_PER_MS)
    this.countUj += BigInt(ms * w * 1_000)
  }

  read(): void {
    this.readings += 1
    this.node.accept('rapl', [{ first: 0, readings: [count(this.clock.ns, this.countUj)] }])
    this.node.tick()
  }

  /** Seconds of the agent's own pace. */
  pass(seconds: number, w: number): void {
    for (let s = 0; s < seconds; s++) {
      this.run(1_000, w)
      this.read()
    }
  }

  flush(): void {
    const { state, windows = [] } = this.node.collect()
    this.disk.state = state
    for (const row of windows) this.disk.rows.set(row.id, row)
  }

  /** The agent is killed now and started again after a time in which the processor goes on drawing. */
  killed(ms: number, w: number, bootId = 'boot-1'): Rig {
    this.run(ms, w)
    return new Rig(this.clock, this.disk, this.countUj, bootId)
  }
}
