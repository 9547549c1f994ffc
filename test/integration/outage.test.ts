import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { createSupply } from '../../src/integration/supply.ts'
import { scratchDirectory, startLedger } from '../ledger/setting.ts'
import { AccountRig, constant, type Meter, meter, wholeMeter } from './account-rig.ts'
import { bookedUj } from './happenings.ts'
import { seconds } from './machine.ts'

/** Two sockets with their memory: 100, 80, 20 and 10 W, and models of the processors that say 30 and 40 W. */
function twoSockets() {
  const zones = [
    meter('rapl-0', 'counter', 'socket-0', constant(100), 'package'),
    meter('rapl-1', 'counter', 'socket-1', constant(80), 'package'),
    meter('rapl-2', 'counter', 'socket-0', constant(20), 'dram'),
    meter('rapl-3', 'counter', 'socket-1', constant(10), 'dram'),
  ] as const
  const models = [
    meter('model-0', 'model', 'socket-0', constant(30), 'package'),
    meter('model-1', 'model', 'socket-1', constant(40), 'package'),
  ] as const
  return { zones, models, rig: new AccountRig([...zones, ...models]) }
}

/** Energy by part and quality, in whole joules. */
function joules(rig: AccountRig): Record<string, number> {
  const { parts } = rig.state
  return Object.fromEntries(
    parts.map(({ part, quality, energyUj }) => [`${part} ${quality}`, Number(energyUj) / 1_000_000]),
  )
}

/** Nothing is learned to the last digit. */
function assertNear(value: number, truth: number, message?: string): void {
  assert.ok(Math.abs(value / truth - 1) < 0.003, `${message ?? ''} ${value}, where ${truth} is true`)
}

const shownW = (rig: AccountRig): number => Number(rig.node.gauges().node?.powerUw ?? 0n) / 1e6

const sourcesOf = (rig: AccountRig) => {
  rig.collect()
  return rig.events.filter((event) => event.startsWith('part_source_changed')).map((event) => event.slice(21))
}

test('one zone of four that cannot be read for 20 s costs nothing: what its counter says afterwards is booked as measured', () => {
  const { zones, rig } = twoSockets()
  rig.passes(21)
  zones[0].isFailing = true
  rig.passes(10)
  assertNear(shownW(rig), (100 + 80 + 20 + 10) * 1.2236, 'it is shown to draw as much more than the other as before')
  assert.deepEqual(joules(rig)['processors measured'], 20 * 100 + 30 * 80, 'its total waits alone')
  rig.passes(10)
  zones[0].isFailing = false
  rig.passes(20)
  assert.deepEqual(joules(rig), {
    'processors measured': 60 * 180,
    'memory measured': 60 * 30,
    'rest estimated': 60 * 210 * 0.2236,
  })
  assert.deepEqual(sourcesOf(rig), ['processors/socket-0: rapl-0 -> waiting', 'processors/socket-0: waiting -> rapl-0'])
})

test('a counter is waited for as long as ten minutes, and then its card is a gap', () => {
  for (const minutes of [9, 11]) {
    const cards = [
      meter('nvml-0', 'counter', '0000:01', constant(300)),
      meter('nvml-1', 'counter', '0000:02', constant(50)),
    ] as const
    const rig = new AccountRig(cards)
    rig.passes(31)
    cards[1].isFailing = true
    rig.passes(minutes * 60)
    cards[1].isFailing = false
    rig.passes(900 - 30 - minutes * 60)
    const gapS = minutes === 9 ? 0 : 11 * 60
    assert.equal(joules(rig)['accelerators measured'], 900 * 300 + (900 - gapS) * 50)
    const gap = rig.state.leafGaps.find(({ name }) => name === 'accelerators/0000:02')
    assert.equal(gap?.unaccountedNs ?? 0n, seconds(gapS))
  }
})

test('after an outage of nine minutes each minute in the ledger is the truth', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const cards = [0, 1].map((n) => meter(`nvml-${n}`, 'counter', `0000:${n}`, constant(300 + n)))
  const rig = new AccountRig(cards)
  const ledger = await startLedger(t, path, { unixMs: rig.clock.unixMs })
  const [first] = cards as [Meter]
  for (let flush = 0; flush < 90; flush++) {
    if (flush === 7) first.isFailing = true
    if (flush === 61) first.isFailing = false
    rig.passes(10)
    ledger.write(rig.collect())
  }
  const db = new Database(path, { readonly: true })
  for (const table of ['node_minute', 'part_minute']) {
    const minutes = db.prepare(`SELECT SUM(energy_uj) FROM ${table} GROUP BY start_unix_ms`).pluck().all()
    // The account begins with the second reading.
    assert.deepEqual(minutes, [59 * 601e6, ...Array(14).fill(60 * 601e6)])
  }
  db.close()
})

test('the only meter of a machine is away for minutes: the model shows its power as the meter had it, and its energy is the true one', () => {
  const package0 = meter('rapl', 'counter', 'socket-0', constant(100), 'package')
  const rig = new AccountRig([package0, meter('model', 'model', 'socket-0', constant(30), 'package')])
  rig.passes(11)
  package0.isFailing = true
  rig.passes(300)
  assertNear(shownW(rig), 100 * 1.2236)
  package0.isFailing = false
  rig.passes(10)
  assert.deepEqual(joules(rig)['processors measured'], 320 * 100)
  assert.equal(joules(rig)['processors estimated'], undefined)
})

test('a counter that stands still holds up nobody, and its part is modelled', () => {
  const dead: Meter = meter('rapl-1', 'counter', 'socket-0', () => 0n, 'dram')
  const rig = new AccountRig([meter('rapl-0', 'counter', 'socket-0', constant(100), 'package'), dead], {
    memoryGb: 100,
  })
  rig.passes(30)
  for (let second = 0; second < 30; second++) {
    rig.pass()
    const { settledNs } = rig.state
    assert.equal(settledNs, rig.clock.ns)
  }
  const { 'memory estimated': memory = 0 } = joules(rig)
  assert.ok(memory >= 48 * 28.4 && memory <= 59 * 28.4)
  assert.deepEqual(sourcesOf(rig), ['memory/socket-0: waiting -> model'])
})

test('what a supply loses without a load is counted once, though a restart lies between two of its parts', () => {
  const lossUj = [false, true].map((hasRestart) => {
    const cards = [0, 1].map((n) => meter(`nvml-${n}`, 'counter', `0000:${n}`, constant(300)))
    const supply = createSupply({ rated_w: 800, count: 2, rating: 'platinum', volts: 230 }, null)
    const rig = new AccountRig(cards, { supply })
    rig.passes(11)
    const [first] = cards as [Meter]
    first.isFailing = true
    rig.passes(20)
    if (hasRestart) rig.restart()
    first.isFailing = false
    rig.passes(10)
    return bookedUj(rig, 'supply_loss')
  })
  const [without = 0n, having = 0n] = lossUj
  assert.ok(having - without <= 20n && without - having <= 20n, 'but for a microjoule in each second')
})

test('a model of a socket does not stand in for dies whose meters open late', () => {
  const dies = [0, 1].map((n) => meter(`rapl-${n}`, 'counter', `socket-0/die-${n}`, constant(50), 'package'))
  const rig = new AccountRig([
    ...dies,
    meter('model', 'model', 'socket-0', constant(70), 'package'),
    meter('nvml', 'counter', '0000:01', constant(300)),
  ])
  rig.passes(11)
  for (const die of dies) die.isOpen = false
  rig.restart()
  rig.passes(20)
  assert.deepEqual(
    rig.node.gauges().leaves.map(({ source }) => source),
    ['waiting', 'nvml'],
  )
  for (const die of dies) rig.open(die, true)
  rig.passes(10)
  const { 'processors measured': measured, 'processors estimated': modelled } = joules(rig)
  assert.deepEqual([measured, modelled], [40 * 100, undefined])
  assert.deepEqual(
    rig.node.gauges().leaves.map(({ source }) => source),
    ['nvml', 'rapl-0', 'rapl-1'],
  )
})

test('what no meter tells any more draws as much beside its siblings, and without any by its model, as when a meter told', () => {
  const { zones, rig } = twoSockets()
  rig.passes(21)
  zones[0].isFailing = true
  zones[2].isFailing = true
  rig.passes(700)
  const { 'processors derived': derived = 0, 'memory derived': memory = 0, ...metered } = joules(rig)
  assertNear(derived, 700 * 100)
  assertNear(memory, 700 * 20)
  assertNear(metered['rest estimated'] ?? 0, 720 * 210 * 0.2236)
  assert.deepEqual(
    [metered['processors measured'], metered['memory measured'], metered['processors estimated']],
    [20 * 100 + 720 * 80, 20 * 20 + 720 * 10, undefined],
  )
  zones[1].isFailing = true
  rig.passes(700)
  assert.equal(joules(rig)['processors derived'], derived)
  assertNear(joules(rig)['processors estimated'] ?? 0, 700 * (100 + 80))
  assert.deepEqual(
    sourcesOf(rig).filter((event) => event.startsWith('processors/socket-0')),
    [
      'processors/socket-0: rapl-0 -> waiting',
      'processors/socket-0: waiting -> siblings',
      'processors/socket-0: siblings -> model-0',
    ],
  )
})

test('what never had a meter draws as much as its siblings, and without any as much as the model says', () => {
  const { zones, models } = twoSockets()
  const rig = new AccountRig([zones[1], zones[3], ...models])
  rig.passes(21)
  zones[1].isFailing = true
  rig.passes(700)
  const { 'processors derived': derived, 'processors estimated': modelled = 0 } = joules(rig)
  assert.equal(derived, 20 * 80)
  assertNear(modelled, 700 * (30 + 80))
})

test('an accelerator tells nothing of another one', () => {
  const cards = [
    meter('nvml-0', 'counter', '0000:01', constant(300)),
    meter('nvml-1', 'power', '0000:02', constant(50)),
  ] as const
  const rig = new AccountRig(cards)
  rig.passes(11)
  cards[1].isFailing = true
  rig.passes(20)
  assert.deepEqual(joules(rig), { 'accelerators measured': 30 * 300 + 10 * 50 })
})

test('restarts in the middle of an outage lose nothing, though sensors open late', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  let ledger = await startLedger(t, path)
  const { zones, rig } = twoSockets()
  const restart = async () => {
    assert.ok(ledger.write(rig.collect()))
    await ledger.stop()
    ledger = await startLedger(t, path)
    rig.restart(ledger.restore())
  }
  rig.passes(21)
  zones[0].isFailing = true
  rig.passes(20)
  for (const zone of zones) zone.isOpen = false
  await restart()
  rig.passes(5)
  await restart()
  rig.passes(30)
  for (const zone of zones.slice(1)) rig.open(zone, true)
  rig.passes(20)
  zones[0].isFailing = false
  rig.open(zones[0], true)
  rig.passes(4)
  assert.deepEqual(joules(rig), {
    'processors measured': 99 * 180,
    'memory measured': 99 * 30,
    'rest estimated': 99 * 210 * 0.2236,
  })
})

test('supplies add up, whichever tells first', () => {
  const supplies = [0, 1].map((index) => wholeMeter('ac_in', constant(100 + index), { sensor: `psu-${index}` }))
  const rig = new AccountRig(supplies)
  rig.passes(1)
  for (let second = 0; second < 12; second++) {
    for (const [index, supply] of supplies.entries()) supply.isHeld = second % 3 !== index
    rig.pass()
  }
  rig.recover()
  assert.deepEqual(joules(rig), { 'rest measured': 22 * 201 })
})
