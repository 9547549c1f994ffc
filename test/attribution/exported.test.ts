import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exported } from '../../src/attribution/exported.ts'
import { type AttributionTotals, type ConsumerTotal, NO_SERIES } from '../../src/model/attribution.ts'
import { type Consumer, SYSTEM } from '../../src/model/consumer.ts'
import { NO_FOOTPRINT } from '../../src/model/footprint.ts'
import fc, { runs } from '../property.ts'

const START = 1_800_000_000_000

function service(id: string, name = id): Consumer {
  return { kind: 'service', id, name, labels: {} }
}

type Use = readonly [consumer: Consumer, tenant: string, uj: bigint]

const energyUj = ({ idleUj, dynamicUj }: { readonly idleUj: bigint; readonly dynamicUj: bigint }) => idleUj + dynamicUj
const isShown = ({ goneUnixMs }: ConsumerTotal) => goneUnixMs !== NO_SERIES

/** A machine whose every pass is looked at: what is used has to be the growth of what is shown. */
class Machine {
  exported: Exported
  atUnixMs = START
  shown: readonly ConsumerTotal[] = []
  #before: AttributionTotals = { consumers: [], tenants: [] }
  readonly #maxSeries: number

  constructor(maxSeries: number) {
    this.#maxSeries = maxSeries
    this.exported = new Exported({ maxSeries, restored: null })
  }

  get names(): string[] {
    return this.shown.map(({ consumer }) => consumer.name)
  }

  pass(uses: readonly Use[], gone: readonly Consumer[] = [], stepMs = 1_000): void {
    this.atUnixMs += stepMs
    let usedUj = 0n
    for (const [consumer, tenant, uj] of uses) {
      usedUj += uj
      this.exported.add(consumer, tenant, { idleUj: uj / 3n, dynamicUj: uj - uj / 3n }, START)
    }
    for (const consumer of gone) this.exported.gone(consumer, this.atUnixMs)
    this.exported.tick(this.atUnixMs)
    this.#look(usedUj)
  }

  run(seconds: number, uses: (second: number) => readonly Use[]): void {
    for (let second = 0; second < seconds; second++) this.pass(uses(second))
  }

  restart(maxSeries = this.#maxSeries): void {
    this.exported = new Exported({ maxSeries, restored: structuredClone(this.exported.totals) })
  }

  #look(usedUj: bigint): void {
    const { consumers, tenants } = this.exported.totals
    const key = ({ consumer, tenant }: ConsumerTotal) => JSON.stringify([consumer.kind, consumer.id, tenant])
    const before = new Map(this.#before.consumers.map((total) => [key(total), total]))
    let grownUj = 0n
    for (const total of consumers) {
      const last = before.get(key(total)) ?? { idleUj: 0n, dynamicUj: 0n }
      const [idleUj, dynamicUj] = [total.idleUj - last.idleUj, total.dynamicUj - last.dynamicUj]
      assert.ok(idleUj >= 0n && dynamicUj >= 0n, `${key(total)} fell`)
      assert.ok(isShown(total) || idleUj + dynamicUj === 0n, `${key(total)} grew unseen`)
      grownUj += idleUj + dynamicUj
    }
    assert.equal(grownUj, usedUj)
    const tenantUj = (totals: AttributionTotals) => totals.tenants.reduce((sum, total) => sum + energyUj(total), 0n)
    assert.equal(tenantUj({ consumers, tenants }) - tenantUj(this.#before), usedUj)
    this.#before = { consumers, tenants }
    this.shown = consumers.filter(isShown)
    const labels = this.shown.map(({ consumer, tenant }) => JSON.stringify([consumer.kind, consumer.name, tenant]))
    assert.equal(new Set(labels).size, labels.length, `a series is there twice: ${labels}`)
    const ids = new Map(this.shown.map(({ consumer }) => [`${consumer.kind} ${consumer.name}`, consumer.id]))
    for (const { consumer } of this.shown) assert.equal(ids.get(`${consumer.kind} ${consumer.name}`), consumer.id)
    const single = this.shown.filter(({ consumer }) => consumer.id !== '')
    assert.ok(single.length <= this.#maxSeries, `${single.length} series`)
  }
}

test('whoever is born, dies, moves and comes back, at any time: no joule is missing and no counter falls', () => {
  const who = fc.nat(9)
  const step = fc.record({
    uses: fc.array(fc.tuple(who, fc.constantFrom('a', 'b'), fc.bigInt(0n, 1_000_000n)), { maxLength: 6 }),
    gone: fc.array(who, { maxLength: 2 }),
    stepMs: fc.constantFrom(-60_000, 1_000, 10_000, 60_000, 300_000, 7_200_000),
    isRestart: fc.boolean(),
  })
  const of = (number: number) => service(`${number}`, `web-${number % 4}`)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, maxSeries) => {
      const machine = new Machine(maxSeries)
      for (const { uses, gone, stepMs, isRestart } of steps) {
        if (isRestart) machine.restart()
        machine.pass(
          [...uses.map(([number, tenant, uj]): Use => [of(number), tenant, uj]), [SYSTEM, 'a', 7n]],
          gone.map(of),
          stepMs,
        )
      }
    }),
    { numRuns: runs(300) },
  )
})

test('there is room: each consumer has a series from its first joule on, and the sum of others does not exist', () => {
  const machine = new Machine(3)
  machine.pass([
    [service('a'), 'x', 5n],
    [service('b'), 'x', 0n],
    [SYSTEM, 'x', 1n],
  ])
  assert.deepEqual(machine.names, ['a', 'system'])
  assert.deepEqual(machine.shown[0], {
    consumer: service('a'),
    tenant: 'x',
    idleUj: 1n,
    dynamicUj: 4n,
    booked: NO_FOOTPRINT,
    bornUnixMs: START,
    goneUnixMs: null,
  })
})

test('what has no place is in the other of its tenant', () => {
  const machine = new Machine(1)
  machine.run(3, () => [
    [service('a'), 'x', 9n],
    [service('b'), 'x', 3n],
    [service('c'), 'y', 6n],
  ])
  assert.deepEqual(
    machine.shown.map((total) => [total.consumer.kind, total.tenant, energyUj(total)]),
    [
      ['service', 'x', 27n],
      ['other', 'x', 9n],
      ['other', 'y', 18n],
    ],
  )
})

test('noise around the limit moves nobody; twice the use for long does, after the last one has shown its final value', () => {
  const machine = new Machine(10)
  const noisy = (scale: (index: number) => number) => (second: number) =>
    Array.from({ length: 20 }, (_, index): Use => {
      const noise = Math.abs(Math.sin(12.9898 * index + 78.233 * second))
      return [service(`s${index}`), 'x', BigInt(Math.round(1e6 * scale(index) * (0.5 + noise)))]
    })
  machine.run(
    10,
    noisy(() => 1),
  )
  const first = machine.names
  for (let minute = 0; minute < 60; minute++) {
    machine.run(
      60,
      noisy(() => 1),
    )
    assert.deepEqual(machine.names, first)
  }
  machine.run(
    120,
    noisy((index) => (index === 19 ? 20 : 1)),
  )
  const [ending, ...more] = machine.shown.filter(({ goneUnixMs }) => goneUnixMs !== null)
  assert.ok(ending && more.length === 0, 'one place is to be free')
  const finalUj = energyUj(ending)
  machine.run(
    160,
    noisy((index) => (index === 19 ? 20 : 1)),
  )
  assert.equal(energyUj(machine.shown.find(({ consumer }) => consumer.id === ending.consumer.id) ?? ending), finalUj)
  machine.run(
    60,
    noisy((index) => (index === 19 ? 20 : 1)),
  )
  assert.ok(machine.names.includes('s19') && !machine.names.includes(ending.consumer.name))
})

test('who has a place again goes on where its counter stood, also after a restart', () => {
  const machine = new Machine(1)
  const uses = (a: bigint, b: bigint) => (): Use[] => [
    [service('a'), 'x', a],
    [service('b'), 'x', b],
  ]
  machine.run(60, uses(900n, 1n))
  const standUj = energyUj(machine.shown[0] as ConsumerTotal)
  machine.run(1_200, uses(1n, 900n))
  assert.deepEqual(machine.names, ['b', 'other'])
  machine.restart()
  machine.run(2_000, uses(900n, 1n))
  const [again] = machine.shown
  assert.equal(again?.consumer.name, 'a')
  assert.ok(energyUj(again as ConsumerTotal) > standUj)
})

test('who is gone keeps its final value for five minutes, and then its place is free', () => {
  const machine = new Machine(1)
  machine.pass([[service('a'), 'x', 5n]])
  machine.pass([[service('b'), 'x', 5n]], [service('a')])
  machine.run(295, () => [[service('b'), 'x', 1n]])
  assert.deepEqual(machine.names, ['a', 'other'])
  machine.run(15, () => [[service('b'), 'x', 1n]])
  assert.deepEqual(machine.names, ['b', 'other'])
  assert.deepEqual(
    machine.exported.totals.consumers.map(({ consumer }) => consumer.name),
    ['b', 'other'],
  )
})

test('energy that comes late is still of the one who is gone; a later birth is another life of its counter', () => {
  const machine = new Machine(1)
  machine.pass([[service('a'), 'x', 5n]], [service('a')])
  machine.pass([[service('a'), 'x', 3n]])
  assert.deepEqual(machine.shown.map(energyUj), [8n])
  assert.notEqual(machine.shown[0]?.goneUnixMs, null)
  machine.exported.add(service('a'), 'x', { idleUj: 0n, dynamicUj: 1n }, START + 60_000)
  const [again] = machine.exported.totals.consumers
  assert.deepEqual([again?.goneUnixMs, again?.bornUnixMs, again?.dynamicUj], [null, START + 60_000, 7n])
})

test('two consumers of one name are told apart by their ids, and stay so over a restart', () => {
  const machine = new Machine(4)
  const uses = (): Use[] => [
    [service('uid-1', 'web-0'), 'x', 1n],
    [service('uid-2', 'web-0'), 'x', 1n],
  ]
  machine.run(2, uses)
  assert.deepEqual(machine.names, ['web-0', 'web-0 (uid-2)'])
  machine.restart()
  machine.run(2, uses)
  assert.deepEqual(machine.names, ['web-0', 'web-0 (uid-2)'])
})

test('fewer places after a restart: the rest goes on in other, and nothing falls', () => {
  const machine = new Machine(3)
  const uses = (): Use[] => [
    [service('a'), 'x', 3n],
    [service('b'), 'x', 2n],
    [service('c'), 'x', 1n],
  ]
  machine.run(20, uses)
  machine.restart(1)
  machine.run(20, uses)
  assert.deepEqual(machine.names, ['a', 'other'])
})

test('two hundred thousand lives leave nothing behind', () => {
  const exported = new Exported({ maxSeries: 200, restored: null })
  for (let second = 0; second < 400; second++) {
    const born = Array.from({ length: 500 }, (_, index) => service(`${second}-${index}`))
    for (const consumer of born) exported.add(consumer, 'x', { idleUj: 0n, dynamicUj: 1n }, START)
    for (const consumer of born) exported.gone(consumer, START + second * 1_000)
    exported.tick(START + second * 1_000)
    assert.ok(exported.totals.consumers.length <= 401)
  }
  const { consumers, tenants } = exported.totals
  assert.equal(tenants[0]?.dynamicUj, 200_000n)
  assert.ok(consumers.length <= 401)
})
