import type { LedgerBatch, LedgerHealth, LedgerState } from '../model/batch.ts'
import type { Channel } from '../model/channel.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Sweep } from '../model/reading.ts'
import type { SensorSnapshot, Snapshot } from '../model/snapshot.ts'
import { type Corruption, Integration, type IntegrationOptions } from './integration.ts'
import { snapshotOf } from './snapshot.ts'

/** The part of the ledger that integration needs. */
export interface BatchStore {
  restore(): LedgerState | null
  /** False when the batch waits in memory. Never throws. */
  write(batch: LedgerBatch): boolean
  readonly durable: LedgerState | null
  health(): LedgerHealth
}

export interface BookkeeperOptions extends Omit<IntegrationOptions, 'restored'> {
  readonly store: BatchStore
  readonly flushMs: number
  readonly node: () => { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly sensors: () => readonly SensorSnapshot[]
}

/** A new node shows its first kWh soon. */
const FIRST_FLUSH_MS = 2_000

/**
 * Carries what integration settles into the ledger, and publishes a snapshot each second. Totals are published only once
 * they are durable: a killed process comes back with what it had shown.
 */
export class Bookkeeper implements Component {
  readonly name = 'integration'
  readonly #options: BookkeeperOptions
  #integration: Integration | null = null
  #snapshot: Snapshot | null = null
  #timers: NodeJS.Timeout[] = []

  constructor(options: BookkeeperOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { store, flushMs } = this.#options
    this.#integration = new Integration({ ...this.#options, restored: store.restore() })
    this.#integration.note('agent_started', `boot ${this.#options.bootId}`)
    this.#timers = [
      setTimeout(() => this.flush(), Math.min(FIRST_FLUSH_MS, flushMs)),
      setInterval(() => this.flush(), flushMs),
    ]
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
    this.#integration?.note('agent_stopped', 'on request')
    this.flush()
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
    this.#integration?.tick()
    this.#publish()
  }

  /** Writes everything that is settled. */
  flush(): void {
    if (this.#integration === null) return
    this.#options.store.write(this.#integration.collect())
    this.#publish()
  }

  /** Null before the first tick. */
  get snapshot(): Snapshot | null {
    return this.#snapshot
  }

  #publish(): void {
    if (this.#integration === null) return
    const { store, clock, node, sensors, carbon } = this.#options
    this.#snapshot = snapshotOf({
      atUnixMs: clock.unixMs(),
      node: node(),
      durable: store.durable,
      gauges: this.#integration.gauges(),
      sensors: sensors(),
      carbon,
      ledger: store.health(),
    })
  }
}
