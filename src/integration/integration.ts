import type { ChannelState, LedgerBatch } from '../model/batch.ts'
import { least } from '../model/bigint.ts'
import { type Channel, type ChannelKey, channelKey, isLog } from '../model/channel.ts'
import { type Booked, NOTHING_BOOKED } from '../model/node-taker.ts'
import type { Gap } from '../model/posting.ts'
import type { Sweep } from '../model/reading.ts'
import { NS_PER_MS } from '../model/units.ts'
import { ChannelAccount } from './channel-account.ts'
import { ChannelRows } from './channel-rows.ts'
import { bridgeableNs } from './counter-bounds.ts'
import { EventLog } from './event-log.ts'
import { GapLog } from './gap-log.ts'
import { type Gauges, gaugesOf } from './gauges.ts'
import type { Corruption, IntegrationOptions } from './integration-options.ts'
import { KeptAttribution } from './kept-attribution.ts'
import { machineTree } from './machine-tree.ts'
import { NodeAccount } from './node-account.ts'
import { bothBooked, NodeBooks } from './node-books.ts'
import type { Coverage } from './node-posting.ts'
import { SelfEnergy } from './self-energy.ts'
import type { TotalsState } from './shown-totals.ts'
import { WallClock } from './wall-clock.ts'

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
  readonly #rows = new ChannelRows()
  readonly #gaps = new GapLog()
  readonly #events: EventLog
  readonly #newChannels: Channel[] = []
  /** Channels of closed sensors: counters that may still go on where they were, and cards, which nothing stands in for. */
  #away: ChannelAccount[] = []
  readonly #self: SelfEnergy
  readonly #kept: KeptAttribution
  #isAccountOpen = false
  readonly #startedNs: bigint
  /** When every total was zero, by the wall clock of that time. */
  readonly bornUnixMs: number

  constructor(options: IntegrationOptions) {
    const { clock, restored, carbon, attribution } = options
    const nowNs = clock.monotonicNs()
    this.#options = options
    this.#startedNs = nowNs
    this.bornUnixMs = restored?.bornUnixMs ?? clock.unixMs()
    this.#wall = new WallClock(clock)
    this.#events = new EventLog(clock)
    this.#restored = new Map(restored?.channels.map((state) => [state.key, state]))
    // A clock that is behind the ledger's is another one, whatever its name.
    this.#isSameBoot = restored !== null && restored.bootId === options.bootId && restored.atMonotonicNs <= nowNs
    this.#books = new NodeBooks(carbon, restored?.node ?? null)
    const { totalUj } = this.#books
    attribution?.restore(restored?.attribution ?? null, totalUj, restored?.atUnixMs ?? clock.unixMs())
    this.#kept = new KeptAttribution(restored?.attribution ?? null, totalUj, carbon.totals)
    this.#self = new SelfEnergy(options.selfCpuShare, restored?.selfEnergyUj ?? 0n, totalUj, options.selfWokenUj)
    this.#node = new NodeAccount(options, nowNs, (this.#isSameBoot && restored?.node) || null)
    if (restored !== null && !this.#isSameBoot) this.#books.missed(this.#declareReboot(null, restored.node.settledNs))
  }

  /** The channels that a sensor has from now on. Those it had before and has again go on where they were. */
  setChannels(sensor: string, channels: readonly Channel[]): void {
    const accounts = channels.map((channel) => this.#accountOf(channel))
    this.#bySensor.set(sensor, accounts)
    this.#useTree()
  }

  /** Readings of one sensor. Returns those that its channels reject. */
  accept(sensor: string, sweeps: readonly Sweep[]): Corruption[] {
    const accounts = this.#bySensor.get(sensor) ?? []
    const corruptions: Corruption[] = []
    sweeps.forEach(({ first, readings }) => {
      readings.forEach((reading, index) => {
        const account = accounts[first + index]
        if (account === undefined) return
        const { posting, gap, corrupt } = account.accept(reading)
        if (posting) this.#rows.add(account.key, posting, this.#wall.unixMsOf(posting.startNs))
        if (gap) this.#recordGap(account.key, gap)
        if (corrupt !== undefined) corruptions.push({ key: account.key, message: corrupt })
      })
    })
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
    if (this.#away.some((account) => !account.mayReturn(nowNs) && !this.#isOfLostCard(account))) this.#useTree()
    const { postings, coverage, leafGaps, events } = this.#node.advance(nowNs)
    for (const { what, detail, about } of events) this.#events.note(what, detail, about)
    const covered = new Map(coverage.map((one) => [one.counted, one]))
    for (const posting of postings) {
      // Before its energy is split: the making of the machine falls to those who used it then.
      const time = covered.get(posting)
      const made = time === undefined ? NOTHING_BOOKED : this.#cover(time)
      const coveredNs = time === undefined ? 0n : time.endNs - time.startNs
      const startUnixMs = this.#wall.unixMsOf(posting.startNs)
      const booked = bothBooked(made, this.#books.post(posting, startUnixMs))
      this.#options.attribution?.post(posting, startUnixMs)
      for (const taker of this.#options.takers ?? []) taker.post({ ...posting, coveredNs, booked }, startUnixMs)
    }
    for (const time of coverage) if (time.counted === null) this.#cover(time)
    for (const { leaf, ...gap } of leafGaps) {
      this.#books.leafMissed(leaf, gap.endNs - gap.startNs)
      this.#recordGap(channelKey({ sensor: 'account', scope: 'other', device: leaf }), this.#reasoned(gap))
    }
    const { neededNs } = this.#node
    for (const { timeline } of this.#accounts.values()) timeline.dropBefore(neededNs)
    for (const taker of this.#options.takers ?? []) taker.settle(neededNs)
  }

  /** Notes an event for the ledger. */
  note(what: string, detail: string): void {
    this.#events.note(what, detail)
  }

  /** Everything since the last call, as one transaction for the ledger. `isLast`: nothing may wait any more. */
  collect(isLast = false): LedgerBatch {
    const { clock, bootId, carbon, attribution } = this.#options
    const nowNs = clock.monotonicNs()
    const { totals: _, events, ...booked } = carbon.collect()
    const split = attribution?.collect(isLast)
    const totals = this.totals()
    const { neededNs } = this.#node
    return {
      atUnixMs: clock.unixMs(),
      channels: this.#newChannels.splice(0),
      channelRows: this.#rows.take(),
      ...this.#books.takeRows(),
      gaps: this.#gaps.take(),
      events: [...this.#events.take(isLast), ...events],
      carbon: booked,
      consumerRows: split?.rows ?? [],
      idleRows: split?.idleRows ?? [],
      windows: this.#options.windows?.collect() ?? [],
      settledUnixMs: this.#wall.unixMsOf(least(neededNs, split?.waitingFromNs ?? neededNs)),
      state: {
        bornUnixMs: this.bornUnixMs,
        bootId,
        atUnixMs: clock.unixMs(),
        atMonotonicNs: nowNs,
        ...totals,
        leafModels: this.#node.learned.leafModels,
        node: { ...totals.node, ...this.#node.state(nowNs), meter: this.#books.meter },
        attribution: split?.state ?? this.#kept.at(this.#books.totalUj, totals.carbon),
        ceilings: {},
      },
    }
  }

  /** See `bridgeableNs`. */
  get bridgeableNs(): bigint | null {
    return bridgeableNs(this.#present().map(({ channel }) => channel))
  }

  /** Energy of the machine. */
  get nodeUj(): bigint {
    return this.#books.totalUj
  }

  /** Totals of the moment. */
  totals(): TotalsState {
    const { carbon, attribution } = this.#options
    return {
      channels: this.#states(),
      node: this.#books.totals,
      nodeModels: this.#node.learned.coupling.states,
      carbon: carbon.totals,
      selfEnergyUj: this.#self.at(this.#books.totalUj),
      attribution: attribution?.totals ?? null,
    }
  }

  /** Figures of the moment. */
  gauges(): Gauges {
    return gaugesOf(this.#node, this.#books, this.#present(), this.#options.clock.monotonicNs())
  }

  #accountOf(channel: Channel): ChannelAccount {
    const key = channelKey(channel)
    this.#newChannels.push(channel)
    const known = this.#accounts.get(key)
    known?.redefine(channel)
    if (known !== undefined) return known
    const before = this.#restored.get(key)
    const filled = isLog(channel) ? this.#restored.get(channel.fills) : undefined
    const [resumed, meter] = [before, filled].map((state) => state && this.#carried(state))
    const account = new ChannelAccount(channel, resumed, this.#options.clock.monotonicNs(), meter?.last)
    this.#accounts.set(key, account)
    if (before !== undefined && !this.#isSameBoot) account.missed(this.#declareReboot(key, before.last?.atNs ?? null))
    return account
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

  #useTree(): void {
    const nowNs = this.#options.clock.monotonicNs()
    const present = new Set(this.#present())
    const { meter, machine } = this.#options
    this.#away = [...this.#accounts.values()].filter(
      (account) => !present.has(account) && (account.mayReturn(nowNs) || this.#isOfLostCard(account)),
    )
    this.#node.use(machineTree([...present], this.#away, meter, machine.memoryGb))
  }

  /** Of a sensor that is closed. One that is open and does not name a card any more says that it is gone. */
  #isOfLostCard({ channel }: ChannelAccount): boolean {
    return channel.scope === 'gpu' && this.#bySensor.get(channel.sensor)?.length === 0
  }

  #present(): ChannelAccount[] {
    return [...this.#bySensor.values()].flat()
  }

  #watchClocks(nowNs: bigint): void {
    const { jumpedMs, suspendedNs } = this.#wall.tick()
    if (jumpedMs !== 0) this.#events.note('clock_jumped', `wall clock moved by ${jumpedMs} ms`, 'clock')
    if (suspendedNs === 0n) return
    this.note('suspended', `${suspendedNs / NS_PER_MS} ms`)
    for (const account of this.#accounts.values()) account.interrupt('suspend', suspendedNs)
    this.#recordGap(null, { startNs: nowNs - suspendedNs, endNs: nowNs, reason: 'suspend' })
    this.#books.missed(suspendedNs)
  }

  #recordGap(key: ChannelKey | null, gap: Gap): void {
    this.#gaps.add(key, gap, (ns) => this.#wall.unixMsOf(ns))
  }

  #cover(coverage: Coverage): Booked {
    const { counted, startNs } = coverage
    if (counted === null) this.#recordGap(null, this.#reasoned(coverage))
    else if (counted.meter !== this.#books.meter) {
      this.#events.note('meter_changed', `${this.#books.meter ?? 'none'} -> ${counted.meter}`, 'meter')
    }
    return this.#books.cover(coverage, this.#wall.unixMsOf(startNs))
  }

  #reasoned<Span extends Pick<Gap, 'startNs' | 'endNs'>>(span: Span): Span & Gap {
    const isOfStart = span.startNs <= this.#startedNs
    return { ...span, reason: isOfStart ? (this.#options.restored ? 'restart' : 'start') : 'absent' }
  }

  #states(): ChannelState[] {
    const states = new Map([...this.#restored].map(([key, state]) => [key, this.#carried(state)]))
    for (const account of this.#accounts.values()) states.set(account.key, account.state)
    return [...states.values()]
  }
}
