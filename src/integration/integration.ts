import type { ChannelRow, ChannelState, EventRow, LedgerBatch, LedgerState } from '../model/batch.ts'
import type { CarbonAccount } from '../model/carbon.ts'
import { type Channel, type ChannelKey, channelKey } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import type { Gap, Posting } from '../model/posting.ts'
import type { Sweep } from '../model/reading.ts'
import { meanPowerUw, NS_PER_MS } from '../model/units.ts'
import { ChannelAccount } from './channel-account.ts'
import { GapLog } from './gap-log.ts'
import { NodeAccount } from './node-account.ts'
import { NodeBooks } from './node-books.ts'
import { type MachineModel, type NodePosting, nodeSources } from './node-source.ts'
import { REMAINDER, REMAINDER_KEY, RemainderChannel } from './remainder-channel.ts'
import { cutAtMinutes, RowCollector, wholeMs } from './row-collector.ts'
import { WallClock } from './wall-clock.ts'

export interface IntegrationOptions {
  readonly clock: Clock
  readonly bootId: string
  /** `node.meter`: `auto` or the name of the one meter to use. */
  readonly meter: string
  readonly machine: MachineModel
  readonly carbon: CarbonAccount
  /** What the ledger holds, or null for a new one. */
  readonly restored: LedgerState | null
  /** Share of the machine's CPU capacity that this process used since the last call, 0 to 1. */
  readonly selfCpuShare: () => number
}

/** A reading that cannot be true, found only by its consequences. */
export interface Corruption {
  readonly key: ChannelKey
  readonly message: string
}

/** Figures of the moment. */
export interface Gauges {
  readonly node: { readonly meter: string; readonly powerUw: bigint } | null
  readonly uncertaintyRatio: number | null
  /** Every channel that is present; null where nothing recent is known. */
  readonly powerUw: ReadonlyMap<ChannelKey, bigint | null>
  readonly selfEnergyUj: bigint
}

/** Readings in, ledger batches and gauges out. Knows no hardware, no database and no timer. */
export class Integration {
  readonly #options: IntegrationOptions
  readonly #wall: WallClock
  readonly #accounts = new Map<ChannelKey, ChannelAccount>()
  readonly #bySensor = new Map<string, readonly ChannelAccount[]>()
  readonly #restored: ReadonlyMap<ChannelKey, ChannelState>
  readonly #isSameBoot: boolean
  readonly #node: NodeAccount
  readonly #books: NodeBooks
  readonly #rows = new RowCollector<Pick<ChannelRow, 'maxUw' | 'bridged' | 'key'>>((a, b) => ({
    key: a.key,
    maxUw: a.maxUw > b.maxUw ? a.maxUw : b.maxUw,
    bridged: a.bridged || b.bridged,
  }))
  readonly #gaps = new GapLog()
  #events: EventRow[] = []
  #newChannels: Channel[] = []
  readonly #remainder: RemainderChannel
  #selfEnergyUj = 0n
  #sharedUj: bigint
  #isAccountOpen = false
  readonly #startedNs: bigint

  constructor(options: IntegrationOptions) {
    const { clock, restored, carbon } = options
    const nowNs = clock.monotonicNs()
    this.#options = options
    this.#startedNs = nowNs
    this.#wall = new WallClock(clock)
    this.#restored = new Map(restored?.channels.map((state) => [state.key, state]))
    this.#isSameBoot = restored?.bootId === options.bootId
    this.#books = new NodeBooks(carbon, restored?.node ?? null)
    this.#sharedUj = this.#books.totalUj
    this.#remainder = new RemainderChannel(this.#restored.get(REMAINDER_KEY))
    const settledNs = this.#isSameBoot ? (restored?.node.settledNs ?? null) : null
    this.#node = new NodeAccount(settledNs ?? nowNs)
    if (restored !== null && !this.#isSameBoot) this.#books.missed(this.#declareReboot(null, restored.node.settledNs))
  }

  /** The channels that a sensor has from now on. Those it had before and has again go on where they were. */
  setChannels(sensor: string, channels: readonly Channel[]): void {
    this.#bySensor.set(
      sensor,
      channels.map((channel) => this.#accountOf(channel)),
    )
    this.#useSources()
  }

  /** Readings of one sensor. Returns those that its channels reject. */
  accept(sensor: string, sweeps: readonly Sweep[]): Corruption[] {
    const accounts = this.#bySensor.get(sensor) ?? []
    const corruptions: Corruption[] = []
    for (const { first, readings } of sweeps) {
      for (const [index, reading] of readings.entries()) {
        const account = accounts[first + index]
        if (account === undefined) continue
        const { posting, gap, corrupt } = account.accept(reading)
        if (posting) this.#recordPosting(account.key, posting)
        if (gap) this.#recordGap(account.key, gap)
        if (corrupt !== undefined) corruptions.push({ key: account.key, message: corrupt })
      }
    }
    return corruptions
  }

  /** From now on the node account is settled: every sensor has had its first chance. */
  openAccount(): void {
    this.#isAccountOpen = true
  }

  /** Settles what the passing of time alone decides. Call about once a second, after `accept`. */
  tick(): void {
    const nowNs = this.#options.clock.monotonicNs()
    this.#watchClocks(nowNs)
    for (const account of this.#accounts.values()) {
      const gap = account.expire(nowNs)
      if (gap) this.#recordGap(account.key, gap)
    }
    if (!this.#isAccountOpen) return
    const { postings, gaps } = this.#node.advance(nowNs)
    for (const posting of postings) this.#settle(posting)
    for (const gap of gaps) {
      const reason = gap.startNs > this.#startedNs ? gap.reason : this.#options.restored ? 'restart' : 'start'
      this.#recordGap(null, { ...gap, reason })
      this.#books.missed(gap.endNs - gap.startNs)
    }
    for (const { timeline } of this.#accounts.values()) timeline.dropBefore(this.#node.settledNs)
  }

  /** Notes an event for the ledger. */
  note(what: string, detail: string): void {
    this.#events.push({ atUnixMs: this.#options.clock.unixMs(), what, detail })
  }

  /** Everything since the last call, as one transaction for the ledger. */
  collect(): LedgerBatch {
    const { clock, bootId, carbon } = this.#options
    const nowNs = clock.monotonicNs()
    const channelRows = this.#rows.take().map(({ durationNs, ...row }) => ({ ...row, coveredMs: wholeMs(durationNs) }))
    const nodeRows = this.#books.takeRows()
    this.#chargeSelf()
    const { totals, ...booked } = carbon.collect()
    const batch = {
      atUnixMs: clock.unixMs(),
      channels: this.#newChannels,
      channelRows,
      nodeRows,
      gaps: this.#gaps.take(),
      events: this.#events,
      carbon: booked,
      state: {
        bootId,
        atUnixMs: clock.unixMs(),
        atMonotonicNs: nowNs,
        channels: this.#states(),
        node: this.#books.state(this.#node.settledNs),
        carbon: totals,
      },
    }
    this.#events = []
    this.#newChannels = []
    return batch
  }

  /** Gauges of the moment. Totals come from the ledger's last durable state. */
  gauges(): Gauges {
    const nowNs = this.#options.clock.monotonicNs()
    const node = this.#books.current(nowNs)
    const powerUw = new Map<ChannelKey, bigint | null>()
    for (const account of this.#present()) powerUw.set(account.key, account.powerUw(nowNs))
    if (this.#remainder.exists) powerUw.set(REMAINDER_KEY, node && this.#remainder.powerUw)
    return { node, uncertaintyRatio: this.#books.uncertaintyRatio, powerUw, selfEnergyUj: this.#selfEnergyUj }
  }

  #accountOf(channel: Channel): ChannelAccount {
    const key = channelKey(channel)
    this.#newChannels.push(channel)
    const known = this.#accounts.get(key)
    known?.redefine(channel)
    if (known !== undefined) return known
    const account = new ChannelAccount(channel, this.#restoredState(key))
    this.#accounts.set(key, account)
    const before = this.#restored.get(key)
    if (before !== undefined && !this.#isSameBoot) account.missed(this.#declareReboot(key, before.last?.atNs ?? null))
    return account
  }

  #restoredState(key: ChannelKey): ChannelState | null {
    const state = this.#restored.get(key)
    return state === undefined ? null : this.#carried(state)
  }

  /** Positions on the monotonic clock mean nothing under another boot; totals do. */
  #carried(state: ChannelState): ChannelState {
    return this.#isSameBoot ? state : { ...state, last: null, unsettled: null }
  }

  /**
   * Records as a gap, and returns, the time since `knownNs` of another boot: null when its last flush is all that is
   * known. Only wall time spans a reboot.
   */
  #declareReboot(key: ChannelKey | null, knownNs: bigint | null): bigint {
    const { atUnixMs = 0, atMonotonicNs = 0n } = this.#options.restored ?? {}
    const startedUnixMs = atUnixMs - Number((atMonotonicNs - (knownNs ?? atMonotonicNs)) / NS_PER_MS)
    const endedUnixMs = this.#options.clock.unixMs()
    if (endedUnixMs <= startedUnixMs) return 0n
    this.#gaps.addRow({ key, startedUnixMs, endedUnixMs, reason: 'reboot' })
    return BigInt(endedUnixMs - startedUnixMs) * NS_PER_MS
  }

  #useSources(): void {
    this.#node.use(nodeSources(this.#present(), this.#options.meter, this.#options.machine))
  }

  #present(): ChannelAccount[] {
    return [...this.#bySensor.values()].flat()
  }

  #watchClocks(nowNs: bigint): void {
    const { jumpedMs, suspendedNs } = this.#wall.tick()
    if (jumpedMs !== 0) this.note('clock_jumped', `wall clock moved by ${jumpedMs} ms`)
    if (suspendedNs === 0n) return
    this.note('suspended', `${suspendedNs / NS_PER_MS} ms`)
    for (const account of this.#accounts.values()) account.interrupt('suspend', suspendedNs)
    this.#recordGap(null, { startNs: nowNs - suspendedNs, endNs: nowNs, reason: 'suspend' })
    this.#books.missed(suspendedNs)
  }

  #recordPosting(key: ChannelKey, { startNs, endNs, energyUj, bridged }: Posting): void {
    const durationNs = endNs - startNs
    const maxUw = bridged ? 0n : meanPowerUw(energyUj, durationNs)
    for (const piece of cutAtMinutes(this.#wall.unixMsOf(startNs), durationNs, energyUj)) {
      this.#rows.add(key, piece, { key, maxUw, bridged })
    }
  }

  #recordGap(key: ChannelKey | null, gap: Gap): void {
    this.#gaps.add(key, gap, (ns) => this.#wall.unixMsOf(ns))
  }

  #settle(posting: NodePosting): void {
    const startUnixMs = this.#wall.unixMsOf(posting.startNs)
    if (this.#books.meter !== posting.meter) {
      this.note('meter_changed', `${this.#books.meter ?? 'none'} -> ${posting.meter}`)
    }
    this.#books.post(posting, startUnixMs)
    const isNew = !this.#remainder.exists
    this.#remainder.add(posting)
    if (posting.remainderUj === 0n) return
    if (isNew) this.#newChannels.push(REMAINDER)
    this.#recordPosting(REMAINDER_KEY, { ...posting, energyUj: posting.remainderUj, bridged: false })
  }

  #states(): ChannelState[] {
    const states = new Map<ChannelKey, ChannelState>()
    for (const [key, state] of this.#restored) states.set(key, this.#carried(state))
    for (const account of this.#accounts.values()) states.set(account.key, account.state)
    if (this.#remainder.exists) states.set(REMAINDER_KEY, this.#remainder.state)
    return [...states.values()]
  }

  #chargeSelf(): void {
    const totalUj = this.#books.totalUj
    const share = BigInt(Math.round(this.#options.selfCpuShare() * 1e9))
    this.#selfEnergyUj += ((totalUj - this.#sharedUj) * share) / 1_000_000_000n
    this.#sharedUj = totalUj
  }
}
