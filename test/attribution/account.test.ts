import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Carbon } from '../../src/carbon/books/carbon.ts'
import { EmbodiedAccrual } from '../../src/carbon/embodied/embodied-accrual.ts'
import { Integration } from '../../src/integration/integration.ts'
import type { LedgerBatch, LedgerState } from '../../src/model/batch.ts'
import { bookedIn, bothFigures, type Footprint, figuresOf, NO_FIGURES } from '../../src/model/footprint.ts'
import { floorTo, HOUR_MS } from '../../src/model/time.ts'
import { aCarbon, MAKING, value } from '../carbon/a-carbon.ts'
import { count, counterChannel, machine, power, powerChannel, seconds, watts } from '../integration/machine.ts'
import { Rig, SECOND } from './rig.ts'

const CPU = counterChannel('package-0', { unitUj: { numerator: 1n, denominator: 1n }, modulus: null })
const BMC = powerChannel('system')

/** The account of a machine whose energy is split, over restarts of the agent. */
class Node {
  readonly #booked = () => bookedIn(this.#carbon.totals)
  rig = new Rig({ booked: this.#booked })
  #clock = this.rig.clock
  #carbon = this.#carbonOf(null)
  #integration = this.#start(null)
  #state: LedgerState | null = null
  #countUj = 1_000_000n
  hasBmc = false
  isCpuRead = true
  readonly nodeUj = new Map<number, bigint>()
  readonly splitUj = new Map<number, bigint>()
  readonly #partUj = new Map<string, bigint>()
  readonly #idleUj = new Map<string, bigint>()

  /** A second with so much use of four threads, which draw 20 W and 20 W for each. */
  second(busy: number): void {
    this.#countUj += BigInt(Math.round(20e6 + busy * 20e6 + 0.377e6))
    this.#clock.advance(SECOND + 333_333n)
    const { ns } = this.#clock
    if (this.isCpuRead) this.#accept('rapl', count(ns - seconds(0.2), this.#countUj))
    if (this.hasBmc) this.#accept('ipmi', power(ns - seconds(0.1), watts(100 + busy * 30)))
    this.rig.look({ web: { cpuS: busy / 2, memory: 1_000_000_000n }, 'a.service': { cpuS: busy / 2 } })
    this.#integration.tick()
  }

  get bookedFootprint(): Footprint {
    return this.#booked()
  }

  flush(isLast = false): void {
    const batch = this.#integration.collect(isLast)
    this.#state = batch.state
    add(
      this.nodeUj,
      batch.nodeRows.map(({ startUnixMs, energyUj }) => [startUnixMs, energyUj]),
    )
    add(this.splitUj, splitOf(batch))
    this.#checkParts(batch, isLast)
    const nodeUj = Object.values(batch.state.node.energyUj).reduce((sum, uj) => sum + uj, 0n)
    assert.equal(batch.state.attribution?.attributedUj, sumOf(this.splitUj))
    assert.equal(nodeUj, sumOf(this.nodeUj))
    if (isLast) assert.equal(sumOf(this.splitUj), nodeUj)
    this.#checkBooked(batch, isLast)
  }

  /** Emissions and water of consumers: what they have sums to what was given, which is the node's in the end. */
  #checkBooked({ state: { carbon, attribution } }: LedgerBatch, isLast: boolean): void {
    assert.ok(attribution)
    const given = figuresOf(attribution.attributedBooked)
    const had = attribution.consumers.map(({ booked }) => figuresOf(booked)).reduce(bothFigures, NO_FIGURES)
    assert.deepEqual(had, given)
    const node = figuresOf(bookedIn(carbon))
    for (const [index, figure] of given.entries()) assert.ok(figure <= (node[index] ?? 0n))
    if (isLast) assert.deepEqual(given, node)
  }

  /** Parts idle and dynamic: of each hour and of all time they are the node's, part by part. */
  #checkParts({ partRows, idleRows = [], state }: LedgerBatch, isLast: boolean): void {
    const rows = partRows.map((row) => [`${floorTo(HOUR_MS, row.startUnixMs)} ${row.part}`, row.energyUj] as const)
    for (const [key, energyUj] of rows) this.#partUj.set(key, (this.#partUj.get(key) ?? 0n) + energyUj)
    for (const { hourUnixMs, part, idleUj } of idleRows) {
      const key = `${hourUnixMs} ${part}`
      this.#idleUj.set(key, (this.#idleUj.get(key) ?? 0n) + idleUj)
      assert.ok((this.#idleUj.get(key) ?? 0n) <= (this.#partUj.get(key) ?? 0n), key)
    }
    for (const { part, idleUj, dynamicUj, waitingUj } of state.attribution?.parts ?? []) {
      const own = state.node.parts.filter((one) => one.part === part)
      assert.equal(
        idleUj + dynamicUj + waitingUj,
        own.reduce((sum, { energyUj }) => sum + energyUj, 0n),
        part,
      )
      assert.equal(idleUj, sumOf(new Map([...this.#idleUj].filter(([key]) => key.endsWith(` ${part}`)))), part)
      if (isLast) assert.equal(waitingUj, 0n)
    }
  }

  /** The next process goes on from the last flush. */
  restart(): void {
    const { wallMs, ns } = this.#clock
    this.rig = new Rig({ booked: this.#booked })
    this.#clock = this.rig.clock
    this.#clock.wallMs = wallMs
    this.#clock.ns = ns
    this.#carbon = this.#carbonOf(this.#state)
    this.#integration = this.#start(this.#state)
  }

  #carbonOf(state: LedgerState | null): Carbon {
    const { carbon } = aCarbon({
      sources: [value(300)],
      water: { wue: 1.8, l_per_kwh: 3 },
      embodied: new EmbodiedAccrual(MAKING, {
        totalUg: 1_000_000_000_000n,
        lifetimeMs: 126_230_400_000,
        startsUnixMs: null,
      }),
      store: {
        restore: () => state,
        restoreBooks: () => ({ emissions: [], next: { emissionId: 1, restatementId: 1 } }),
      },
      unixMs: this.#clock.unixMs,
    })
    // Nothing is refreshed: it has begun when the call returns.
    void carbon.start(new AbortController().signal)
    return carbon
  }

  #accept(sensor: string, reading: ReturnType<typeof count>): void {
    this.#integration.accept(sensor, [{ first: 0, readings: [reading] }])
  }

  #start(restored: LedgerState | null): Integration {
    const integration = new Integration({
      clock: this.#clock,
      restored,
      bootId: 'boot-1',
      meter: 'auto',
      machine,
      carbon: this.#carbon,
      attribution: this.rig.account,
      selfCpuShare: () => 0,
    })
    integration.setChannels('rapl', [CPU])
    if (this.hasBmc) integration.setChannels('ipmi', [BMC])
    integration.openAccount()
    return integration
  }
}

function splitOf({ consumerRows }: LedgerBatch): [number, bigint][] {
  return consumerRows.map(({ hourUnixMs, idleUj, dynamicUj }) => [hourUnixMs, idleUj + dynamicUj])
}

function add(hours: Map<number, bigint>, rows: [number, bigint][]): void {
  for (const [unixMs, energyUj] of rows) {
    const hour = floorTo(HOUR_MS, unixMs)
    hours.set(hour, (hours.get(hour) ?? 0n) + energyUj)
  }
}

const sumOf = (hours: Map<unknown, bigint>): bigint => [...hours.values()].reduce((sum, uj) => sum + uj, 0n)

for (const hasBmc of [false, true]) {
  test(`each hour’s consumers sum to the node’s account, ${hasBmc ? 'with' : 'without'} a meter of the machine`, () => {
    const node = new Node()
    node.rig.clock.wallMs = Date.parse('2026-03-01T09:58:41.123Z')
    node.hasBmc = hasBmc
    if (hasBmc) node.restart()
    for (let second = 0; second < 200; second++) {
      node.isCpuRead = second < 60 || second > 95
      node.second(second % 5)
      if (second % 10 === 9) node.flush()
    }
    node.flush(true)
    assert.equal(node.nodeUj.size, 2)
    assert.deepEqual(node.splitUj, node.nodeUj)
  })
}

test('emissions and water follow the energy of their time, and the making of the machine what is idle', () => {
  const node = new Node()
  for (let second = 0; second < 100; second++) {
    node.second(second < 50 ? 0 : 4)
    if (second % 10 === 9) node.flush()
  }
  const { consumers } = node.rig.account.totals
  const [web, system] = ['web', 'unallocated'].map((name) => consumers.find(({ consumer }) => consumer.name === name))
  assert.ok(web && system)
  for (const { idleUj, dynamicUj, booked } of [web, system]) {
    const joules = Number(idleUj + dynamicUj) / 1e6
    // 300 g/kWh, and 1.8 l/kWh at the site: a share of what nobody could write down is at most a unit.
    assert.ok(Math.abs(Number(booked.co2eUg.location.direct) - joules * (300 / 3.6)) <= 2)
    assert.ok(Math.abs(Number(booked.siteWaterUl) - joules * (1.8 / 3.6)) <= 2)
  }
  const idleUj = consumers.reduce((sum, one) => sum + one.idleUj, 0n)
  const making = figuresOf(node.bookedFootprint).at(5) ?? 0n
  const expectedUg = (Number(making) * Number(system.idleUj)) / Number(idleUj)
  assert.ok(Math.abs(Number(system.booked.co2eUg.embodied['life-cycle']) / expectedUg - 1) < 0.05)
})

test('a killed process and an outage that is repaired later cost no µJ', () => {
  const node = new Node()
  for (let second = 0; second < 33; second++) {
    node.second(2)
    if (second % 10 === 9) node.flush()
  }
  node.restart()
  for (let second = 0; second < 45; second++) node.second(3)
  node.flush()
  node.isCpuRead = false
  for (let second = 0; second < 45; second++) node.second(1)
  node.isCpuRead = true
  for (let second = 0; second < 45; second++) node.second(1)
  node.flush(true)
  assert.deepEqual(sumOf(node.splitUj), sumOf(node.nodeUj))
})
