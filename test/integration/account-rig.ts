import assert from 'node:assert/strict'
import { Integration } from '../../src/integration/integration.ts'
import type { Supply } from '../../src/integration/supply.ts'
import type { AttributionAccount } from '../../src/model/attribution.ts'
import type { LedgerBatch, LedgerState } from '../../src/model/batch.ts'
import type { CarbonAccount } from '../../src/model/carbon.ts'
import { type Channel, type ChannelKey, channelKey, type Scope } from '../../src/model/channel.ts'
import type { NodeTaker } from '../../src/model/node-taker.ts'
import { QUALITIES } from '../../src/model/posting.ts'
import type { Reading } from '../../src/model/reading.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { count, counterChannel, failed, plainCarbon, power, powerChannel, TestClock, watts } from './machine.ts'

/** A supply that loses nothing, so that a machine of accelerators is the sum of them. */
export const IDEAL_SUPPLY: Supply = { lossUj: () => 0n, relativeUncertainty: 0, quality: 'derived' }

export type SourceKind = 'counter' | 'power' | 'model'

/** Energy in µJ since boot at a time of the monotonic clock. */
export type Truth = (atNs: bigint) => bigint

/** Of a constant power; exact at whole milliseconds. */
export const constant =
  (w: number): Truth =>
  (atNs) =>
    (atNs / 1_000_000n) * BigInt(w) * 1_000n

/** One sensor with one channel that tells the truth. */
export class Meter {
  readonly channel: Channel
  readonly truth: Truth
  isOpen = true
  isFailing = false
  /** Reads on, but its readings wait. */
  isHeld = false
  #held: Reading[] = []
  /** The first reading after a suspend is delivered at once. */
  #isAwake = true
  #offsetUj = 1_000_000_000_000_000n

  constructor(channel: Channel, truth: Truth) {
    this.channel = channel
    this.truth = truth
  }

  get key(): ChannelKey {
    return channelKey(this.channel)
  }

  get isModel(): boolean {
    return this.channel.quality === 'estimated'
  }

  /** Lets the counter fall, so far that it cannot have grown back by the next reading. */
  reset(): void {
    this.#offsetUj -= 1_000_000_000_000n
  }

  hold(reading: Reading): void {
    this.#held.push(reading)
  }

  read(atNs: bigint): void {
    if (this.isFailing) this.#held.push(failed(atNs))
    else if (this.channel.kind === 'counter') {
      const { numerator, denominator } = this.channel.unitUj
      this.#held.push(count(atNs, ((this.truth(atNs) + this.#offsetUj) * denominator) / numerator))
    } else this.#held.push(power(atNs, this.truth(atNs) - this.truth(atNs - NS_PER_S)))
  }

  take(): Reading[] {
    if (this.isHeld && this.#isAwake) return []
    this.#isAwake ||= this.#held.some(({ status }) => status !== 'failed')
    return this.#held.splice(0)
  }

  drop(): void {
    this.#held = []
  }

  sleep(): void {
    this.drop()
    this.#isAwake = false
  }
}

/** A meter or a model of a piece of hardware. The first of several sensors of one kind is the better one. */
export function meter(sensor: string, kind: SourceKind, hardware: string, truth: Truth, scope: Scope = 'gpu'): Meter {
  const common = { sensor, scope, hardware, nodeMeter: null, intervalNs: NS_PER_S, maxPowerUw: watts(100_000) }
  const channel =
    kind === 'counter'
      ? counterChannel(hardware, { ...common, modulus: null })
      : powerChannel(hardware, { ...common, quality: kind === 'model' ? 'estimated' : 'measured' })
  return new Meter(channel, truth)
}

/** A meter of the whole machine: a power at its input, a counter behind its supply. */
export function wholeMeter(
  scope: 'ac_in' | 'psys',
  truth: Truth,
  { sensor = scope as string, unitUj = { numerator: 1n, denominator: 1n } } = {},
): Meter {
  const common = { sensor, scope, nodeMeter: scope, hardware: null, intervalNs: NS_PER_S, maxPowerUw: watts(1e6) }
  const channel =
    scope === 'psys' ? counterChannel('whole', { ...common, unitUj, modulus: null }) : powerChannel('whole', common)
  return new Meter(channel, truth)
}

export interface RigOptions {
  readonly supply?: Supply
  readonly memoryGb?: number
  readonly taker?: (clock: TestClock) => NodeTaker
  /** Goes on over restarts. Default: 1 g/kWh and nothing else. */
  readonly carbon?: CarbonAccount
  readonly attribution?: AttributionAccount | null
}

/** A machine whose meters fail, close, wait and come back, and an agent on it that is restarted. Sums every row that is written. */
export class AccountRig {
  readonly clock = new TestClock()
  readonly meters: readonly Meter[]
  readonly startNs: bigint
  readonly events: string[] = []
  readonly gaps: LedgerBatch['gaps'][number][] = []
  readonly #supply: Supply
  readonly #memoryGb: number
  readonly #takers: readonly NodeTaker[]
  readonly #carbon: CarbonAccount | undefined
  readonly #attribution: AttributionAccount | null
  readonly #written = new Map<string, bigint>()
  node: Integration

  constructor(
    meters: readonly Meter[],
    { supply = IDEAL_SUPPLY, memoryGb = 0, taker, carbon, attribution = null }: RigOptions = {},
  ) {
    this.meters = meters
    this.#carbon = carbon
    this.#attribution = attribution
    this.#takers = taker === undefined ? [] : [taker(this.clock)]
    this.#supply = supply
    this.#memoryGb = memoryGb
    this.startNs = this.clock.ns
    this.node = this.#begin(null)
  }

  /** Lets `ms` pass, reads every meter and ticks. */
  pass(ms = 1_000): void {
    this.clock.advance(BigInt(ms) * 1_000_000n)
    for (const meter of this.meters) if (meter.isOpen) meter.read(this.clock.ns)
    this.deliver()
    this.node.tick()
  }

  passes(seconds: number): void {
    for (let second = 0; second < seconds; second++) this.pass()
  }

  deliver(): void {
    for (const meter of this.meters) {
      if (!meter.isOpen) continue
      for (const reading of meter.take()) this.node.accept(meter.channel.sensor, [{ first: 0, readings: [reading] }])
    }
  }

  open(meter: Meter, isOpen: boolean): void {
    meter.isOpen = isOpen
    meter.drop()
    this.node.setChannels(meter.channel.sensor, isOpen ? [meter.channel] : [])
  }

  suspend(ms: number): void {
    for (const meter of this.meters) meter.sleep()
    this.clock.suspendedNs += BigInt(ms) * 1_000_000n
    this.clock.wallMs += ms
    this.node.tick()
  }

  /** Another process goes on from what the ledger holds. Sensors that are closed open later. */
  restart(restored: LedgerState | null = structuredClone(this.collect().state)): void {
    for (const meter of this.meters) meter.drop()
    this.node = this.#begin(restored)
  }

  /** Takes a batch and holds it to what is true of each: the rows sum to the totals, and the parts to the whole. */
  collect(): LedgerBatch {
    const batch = this.node.collect()
    const { node } = batch.state
    for (const { quality, energyUj } of batch.nodeRows) this.#add(quality, energyUj)
    for (const { part, quality, energyUj } of batch.partRows) this.#add(`${part} ${quality}`, energyUj)
    for (const quality of QUALITIES) {
      assert.equal(this.#written.get(quality) ?? 0n, node.energyUj[quality], `rows of ${quality}`)
      const parts = node.parts.filter((one) => one.quality === quality)
      assert.equal(sumOf(parts), node.energyUj[quality], `parts of ${quality}`)
    }
    for (const { part, quality, energyUj } of node.parts) {
      assert.equal(this.#written.get(`${part} ${quality}`) ?? 0n, energyUj, `rows of ${part}`)
    }
    this.events.push(...batch.events.map(({ what, detail }) => `${what}: ${detail}`))
    this.gaps.push(...batch.gaps)
    return batch
  }

  get state(): LedgerState['node'] {
    return this.collect().state.node
  }

  /** Every sensor back and long enough awake that nothing is waited for. */
  recover(): void {
    for (const meter of this.meters) {
      meter.isFailing = false
      meter.isHeld = false
      if (!meter.isOpen) this.open(meter, true)
    }
    this.passes(10)
  }

  #begin(restored: LedgerState | null): Integration {
    const node = new Integration({
      clock: this.clock,
      restored,
      bootId: 'boot-1',
      meter: 'auto',
      machine: { supply: this.#supply, memoryGb: this.#memoryGb },
      carbon: this.#carbon ?? plainCarbon(),
      attribution: this.#attribution,
      takers: this.#takers,
      selfCpuShare: () => 0,
    })
    for (const meter of this.meters) if (meter.isOpen) node.setChannels(meter.channel.sensor, [meter.channel])
    node.openAccount()
    return node
  }

  #add(key: string, energyUj: bigint): void {
    this.#written.set(key, (this.#written.get(key) ?? 0n) + energyUj)
  }
}

export function sumOf(shares: readonly { readonly energyUj: bigint }[]): bigint {
  return shares.reduce((sum, { energyUj }) => sum + energyUj, 0n)
}
