import type { Settled } from '../model/attribution.ts'
import type { LedgerBatch, LedgerHealth, LedgerState } from '../model/batch.ts'
import type { Channel } from '../model/channel.ts'
import { FINEST_NS } from '../model/finest.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Sweep } from '../model/reading.ts'
import type { NodeIdentity, SensorSnapshot, Snapshot } from '../model/snapshot.ts'
import { NS_PER_MS } from '../model/units.ts'
import type { WorkloadSnapshot } from '../model/workload.ts'
import { byPresentNames } from './former-names.ts'
import { Integration } from './integration.ts'
import type { Corruption, IntegrationOptions } from './integration-options.ts'
import { ShownRecorder, type ShownStore, shownBeyond } from './shown-record.ts'
import { ShownTotals, type Totals, totalsOf } from './shown-totals.ts'
import { snapshotOf } from './snapshot.ts'

/** What a kill costs at the most, where something outlives the process: so often a batch is kept. */
export const KEEP_MS = 10_000
/** A pass that comes by such a part sooner or later saves as well: it is awake, and a clock would wake the process once more. */
const LEEWAY = 1 / 20

/** The part of the ledger that integration needs. */
export interface BatchStore {
  restore(): LedgerState | null
  /** The newest state that is on disk: behind what is restored where that waits to be written. */
  readonly durable: LedgerState | null
  /** False when the batch waits in memory. Never throws. */
  write(batch: LedgerBatch): boolean
  /** Keeps a batch for the next `write`, through a kill of the process. False when that should not wait. Never throws. */
  keep(batch: LedgerBatch): boolean
  health(): LedgerHealth
  /** What the last closed hour left of the account; null before the first. */
  readonly settled: Settled | null
}

export interface BookkeeperOptions extends Omit<IntegrationOptions, 'restored'> {
  readonly store: BatchStore
  /** Null where nothing outlives the process but the ledger. */
  readonly shown: ShownStore | null
  readonly flushMs: number
  readonly node: () => NodeIdentity
  readonly sensors: () => readonly SensorSnapshot[]
  /** Left out where none is configured. */
  readonly workloads?: { readonly snapshots: readonly WorkloadSnapshot[] }
}

/**
 * Carries what integration settles into the ledger, and makes a snapshot when somebody looks. Totals are shown up to the
 * ceilings that are on disk, and recorded before they are shown: a killed process comes back with no less than it had shown.
 */
export class Bookkeeper implements Component {
  readonly name = 'integration'
  readonly #options: BookkeeperOptions
  #integration: Integration | null = null
  #shown = new ShownTotals(0n, null)
  #recorder: ShownRecorder | null = null
  /** Of now, once somebody has looked. */
  #snapshot: Snapshot | null = null
  /** Of the last look: one map, which is filled anew. */
  readonly #named: Totals = new Map()
  #hasTicked = false
  #timer: NodeJS.Timeout | undefined
  #flushedNs = 0n
  /** Of the last flush, or of what was kept since. */
  #savedNs = 0n
  /** From then on the next save is waited for. */
  #waitingNs = 0n
  /** What the last flush brought is on disk. */
  #isWritten = true

  constructor(options: BookkeeperOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { store, shown, flushMs, bootId, clock } = this.#options
    const restored = store.restore()
    this.#integration = new Integration({ ...this.#options, restored })
    // What may have been shown, and may be, follows from what is on disk.
    const { durable } = store
    const named = (recorded: Totals) => byPresentNames(recorded, restored?.attribution?.consumers ?? [])
    const seen = restored && shownBeyond(restored, bootId, shown?.load() ?? null)
    this.#shown = new ShownTotals(
      BigInt(flushMs) * NS_PER_MS,
      durable && { totals: totalsOf(durable), ceilings: named(new Map(Object.entries(durable.ceilings))) },
      seen && named(seen),
    )
    this.#recorder = new ShownRecorder({
      store: shown,
      bornUnixMs: this.#integration.bornUnixMs,
      bootId,
      restored,
      durable,
      nowNs: clock.monotonicNs(),
      shown: this.#shown.floors,
    })
    this.#integration.note('agent_started', `boot ${this.#options.bootId}`)
    this.#await()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#integration?.note('agent_stopped', 'on request')
    this.#flush(true)
    this.#integration = null
  }

  setChannels(sensor: string, channels: readonly Channel[]): void {
    this.#integration?.setChannels(sensor, channels)
  }

  accept(sensor: string, sweeps: readonly Sweep[]): readonly Corruption[] {
    return this.#integration?.accept(sensor, sweeps) ?? []
  }

  openAccount(): void {
    this.#integration?.openAccount()
  }

  note(what: string, detail: string): void {
    this.#integration?.note(what, detail)
  }

  tick(): void {
    if (this.#integration === null) return
    this.#integration.tick()
    this.#hasTicked = true
    this.#snapshot = null
    const { nodeUj, bridgeableNs } = this.#integration
    if (this.#shown.isMachineNear(nodeUj)) this.#flushEarly()
    if (this.#isSaveDue(bridgeableNs)) this.#save()
    const waitedMs = Number((this.#options.clock.monotonicNs() - this.#waitingNs) / NS_PER_MS)
    if (waitedMs < this.#everyMs * (1 - LEEWAY)) return
    this.#flushOrSave()
    this.#await()
  }

  /** Writes everything that is settled. */
  flush(): void {
    this.#flush(false)
  }

  /** For whoever reads the ledger: what it has is no older than what is kept, as far as the disk takes it. */
  freshen(): void {
    if (this.#options.clock.monotonicNs() - this.#flushedNs >= BigInt(KEEP_MS) * NS_PER_MS) this.#flushEarly()
  }

  /** When every total that is shown was zero; null before the start. */
  get bornUnixMs(): number | null {
    return this.#integration?.bornUnixMs ?? null
  }

  /** The same one until the next tick. Null before the first. */
  get snapshot(): Snapshot | null {
    if (this.#integration === null || !this.#hasTicked) return null
    this.#snapshot ??= this.#look(this.#integration)
    return this.#snapshot
  }

  get #everyMs(): number {
    const { shown, flushMs } = this.#options
    return shown === null ? flushMs : Math.min(flushMs, KEEP_MS)
  }

  /** A timer anew, since one that is refreshed wakes the process at its former time. */
  #await(): void {
    this.#waitingNs = this.#options.clock.monotonicNs()
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#flushOrSave(), this.#everyMs * (1 + LEEWAY))
  }

  /** What was saved half as long ago as a counter may be bridged for, so that the next process can still do it. */
  #isSaveDue(bridgeableNs: bigint | null): boolean {
    return bridgeableNs !== null && 2n * (this.#options.clock.monotonicNs() - this.#savedNs) > bridgeableNs
  }

  /**
   * The rows of an early flush tell nothing finer than a scrape does. A disk that takes no writes is tried again when it is
   * time: each try costs a place in the queue.
   */
  #flushEarly(): void {
    if (!this.#isWritten || this.#options.clock.monotonicNs() - this.#flushedNs < FINEST_NS) return
    this.#flush(false)
    this.#timer?.refresh()
  }

  /** In an outage what is kept costs a place in the queue as well as a try does, which may end it. */
  #flushOrSave(): void {
    const { flushMs, clock } = this.#options
    const sinceNs = clock.monotonicNs() - this.#flushedNs
    const isDue = 2n * sinceNs > BigInt(2 * flushMs - this.#everyMs) * NS_PER_MS
    if (isDue || !this.#isWritten) this.#flush(false)
    else this.#save()
  }

  /** So that a kill costs no more than with frequent flushes. */
  #save(): void {
    const { store, shown } = this.#options
    if (shown === null || this.#integration === null) return void this.#flushEarly()
    const batch = this.#collect(this.#integration, false)
    if (!store.keep(withCeilings(batch, this.#shown.ceilings))) this.#flushEarly()
  }

  #flush(isLast: boolean): void {
    if (this.#integration === null) return
    const batch = this.#collect(this.#integration, isLast)
    const totals = totalsOf(batch.state)
    this.#flushedNs = this.#savedNs
    const ceilings = this.#shown.ceilingsFor(totals, this.#flushedNs, isLast)
    this.#isWritten = this.#options.store.write(withCeilings(batch, Object.fromEntries(ceilings)))
    if (!this.#isWritten) return
    this.#shown.flushed(totals, ceilings)
    this.#recorder?.flushed()
  }

  #collect(integration: Integration, isLast: boolean): LedgerBatch {
    this.#snapshot = null
    const batch = integration.collect(isLast)
    this.#savedNs = this.#waitingNs = this.#options.clock.monotonicNs()
    this.#recorder?.saving(batch.state.atMonotonicNs)
    return batch
  }

  #look(integration: Integration): Snapshot {
    const totals = integration.totals()
    const named = totalsOf(totals, this.#named)
    if (this.#shown.isNear(named)) this.#flushEarly()
    const may = this.#shown.of(named)
    const shown = this.#recorder?.see(may) ?? may
    const isAllShown = shown === named
    const { store, clock, node, sensors, carbon, workloads } = this.#options
    return snapshotOf({
      atUnixMs: clock.unixMs(),
      node: node(),
      totals,
      // What is not among the totals is zero.
      shown: isAllShown ? (_, total) => total : (name) => shown.get(name) ?? 0n,
      isAllShown,
      gauges: integration.gauges(),
      sensors: sensors(),
      carbon,
      ledger: store.health(),
      settled: store.settled,
      workloads: workloads?.snapshots ?? [],
    })
  }
}

function withCeilings(batch: LedgerBatch, ceilings: LedgerState['ceilings']): LedgerBatch {
  return { ...batch, state: { ...batch.state, ceilings } }
}
