import { mock } from 'node:test'
import { type BatchStore, Bookkeeper } from '../../src/integration/bookkeeper.ts'
import type { ShownRecord, ShownStore } from '../../src/integration/shown-record.ts'
import { type Totals, totalsOf } from '../../src/integration/shown-totals.ts'
import type { LedgerBatch, LedgerHealth, LedgerState } from '../../src/model/batch.ts'
import type { CounterChannel } from '../../src/model/channel.ts'
import { QUALITIES, type Quality } from '../../src/model/posting.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { aCarbon, value } from '../carbon/a-carbon.ts'
import { count, counterChannel, machine, power, powerChannel, TestClock, watts } from './machine.ts'

/** `lost`: a write fails. `unheard`: it fails as far as anybody can tell, and has come to the disk. */
export type DiskMood = 'writes' | 'lost' | 'unheard'

/** The ledger's state, as a kill at any time leaves it. */
export class Disk implements BatchStore {
  readonly settled = null
  mood: DiskMood = 'writes'
  state: LedgerState | null = null
  /** Writes that were tried. */
  tries = 0
  /** What is kept in memory, and the state that it continues. */
  kept: { readonly after: LedgerState; readonly state: LedgerState } | null = null
  isKeeping = true
  #durable: LedgerState | null = null

  /** At the start of an agent. */
  restore(): LedgerState | null {
    if (this.kept?.after !== this.state) this.kept = null
    this.#durable = this.state
    if (this.mood !== 'writes') return this.kept?.state ?? this.state
    this.state = this.#durable = this.kept?.state ?? this.state
    this.kept = null
    return this.state
  }

  get durable(): LedgerState | null {
    return this.#durable
  }

  write({ state }: LedgerBatch): boolean {
    this.tries++
    if (this.mood !== 'lost') this.state = state
    if (this.mood === 'writes') {
      this.kept = null
      this.#durable = state
    } else this.#keep(state)
    return this.mood === 'writes'
  }

  keep({ state }: LedgerBatch): boolean {
    return this.#keep(state)
  }

  #keep(state: LedgerState): boolean {
    if (!this.isKeeping || this.#durable === null) return false
    this.kept = { after: this.#durable, state }
    return true
  }

  health(): LedgerHealth {
    return { writable: this.mood === 'writes', queuedBatches: 0, droppedBatches: 0, sizeBytes: 0, message: null }
  }

  get onDisk(): Totals {
    return this.state === null ? new Map() : withMachine(totalsOf(this.state))
  }

  /** The most that may be shown of each total. */
  get ceilings(): Totals {
    if (this.state === null) return new Map()
    return withMachine(new Map([...totalsOf(this.state), ...Object.entries(this.state.ceilings)]))
  }
}

/** `lost`: what is written comes to nothing. `stuck`: and what stood there stands. */
export type RuntimeMood = 'writes' | 'lost' | 'stuck'

/** What a kill leaves besides the ledger. */
export class Runtime implements ShownStore {
  mood: RuntimeMood = 'writes'
  record: ShownRecord | null = null

  load(): ShownRecord | null {
    return this.record
  }

  save(record: ShownRecord): boolean {
    if (this.mood === 'writes') this.record = { ...record, shown: new Map(record.shown) }
    else if (this.mood === 'lost') this.record = null
    return this.mood !== 'stuck'
  }
}

const FLUSH_MS = 10_000
export const PROCESSOR = 'channel/rapl/package/package-0/energy'
const endless = counterChannel('package-0', { modulus: null, maxPowerUw: watts(100_000) })
const gpu = powerChannel('gpu-0', {
  sensor: 'nvml',
  scope: 'gpu',
  nodeMeter: null,
  hardware: '0000:17:00.0',
  intervalNs: NS_PER_S,
})

/**
 * Agents, one after another, on one disk, and second by second: with a processor whose counter goes on without them, and a
 * GPU that tells watts.
 */
export class AgentLife {
  readonly clock = new TestClock()
  readonly disk = new Disk()
  readonly runtime = new Runtime()
  /** Of the next agent. */
  hasRuntime = false
  bootId = 'boot-1'
  /** Of the processor. */
  watts = 200
  /** Null: it does not answer. */
  gpuWatts: number | null = 100
  /** What the processor's register has counted. */
  registerUj = 0n
  readonly #flushMs: number
  readonly #processor: CounterChannel
  #books: Bookkeeper | null = null

  constructor(flushMs = FLUSH_MS, processor = endless) {
    this.#flushMs = flushMs
    this.#processor = processor
  }

  async start(): Promise<void> {
    this.disk.isKeeping = this.hasRuntime
    mock.timers.reset()
    mock.timers.enable({ apis: ['setInterval'] })
    const { carbon } = aCarbon({
      sources: [value(300)],
      water: { wue: 1.8, l_per_kwh: 3 },
      store: { ...this.disk, restore: () => this.disk.restore(), restoreBooks: () => ({ emissions: [], next: NEXT }) },
      unixMs: this.clock.unixMs,
    })
    await carbon.start(new AbortController().signal)
    this.#books = new Bookkeeper({
      store: this.disk,
      shown: this.hasRuntime ? this.runtime : null,
      clock: this.clock,
      bootId: this.bootId,
      meter: 'auto',
      machine,
      carbon,
      attribution: null,
      selfCpuShare: () => 0.01,
      flushMs: this.#flushMs,
      node: () => ({ name: 'node', labels: {} }),
      sensors: () => [],
    })
    await this.#books.start()
    this.#books.setChannels('rapl', [this.#processor])
    this.#books.setChannels('nvml', [gpu])
    this.#books.openAccount()
    this.#read()
  }

  /** Lets a second pass, with an agent or without. */
  second(): void {
    this.clock.advance(NS_PER_S)
    this.registerUj += watts(this.watts)
    if (this.#books === null) return
    this.#read()
    mock.timers.tick(1_000)
    this.#books.tick()
  }

  /** The machine sleeps, and its counters with it. */
  suspend(seconds: number): void {
    this.clock.suspendedNs += BigInt(seconds) * NS_PER_S
    this.clock.wallMs += seconds * 1_000
  }

  async stop(): Promise<void> {
    await this.#books?.stop()
    this.#books = null
  }

  kill(): void {
    mock.timers.reset()
    this.#books = null
  }

  /** The account of the agent that runs. */
  get books(): Bookkeeper | null {
    return this.#books
  }

  /** What a scrape shows now; null while no agent runs or it has nothing to show. */
  get shown(): Totals | null {
    const snapshot = this.#books?.snapshot
    return snapshot ? totalsIn(snapshot) : null
  }

  #read(): void {
    const { ns } = this.clock
    this.#books?.accept('rapl', [
      { first: 0, readings: [count(ns, this.registerUj % (this.#processor.modulus ?? 2n ** 64n))] },
    ])
    if (this.gpuWatts === null) return
    this.#books?.accept('nvml', [{ first: 0, readings: [power(ns, watts(this.gpuWatts))] }])
  }
}

const NEXT = { emissionId: 1, restatementId: 1 }

function totalsIn({ node, channels, carbon, selfEnergyUj }: Snapshot): Totals {
  const states = channels.map(({ sensor, scope, device, energyUj, unaccountedNs, register }) => ({
    key: `${sensor}/${scope}/${device}` as const,
    energyUj,
    unaccountedNs,
    wraps: register?.wraps ?? 0,
    resets: register?.resets ?? 0,
    last: null,
    unsettled: null,
  }))
  const nodeModels = node.models.map(({ meter, changes }) => ({
    meter,
    changes: BigInt(changes),
    isNewest: true,
    learned: '',
  }))
  const totals = totalsOf({ node: node.totals, nodeModels, channels: states, carbon, selfEnergyUj, attribution: null })
  const machine = QUALITIES.map((quality) => [`node/${quality}`, node.totals.energyUj[quality]] as const)
  return new Map([...totals, ...machine])
}

/** With the machine's totals: the sums of its parts'. */
export function withMachine(totals: Totals): Totals {
  const parts = [...totals].filter(([name]) => name.startsWith('part/'))
  const sumOf = (quality: Quality) => parts.reduce((uj, [name, one]) => uj + (name.endsWith(quality) ? one : 0n), 0n)
  return new Map([...totals, ...QUALITIES.map((quality) => [`node/${quality}`, sumOf(quality)] as const)])
}
