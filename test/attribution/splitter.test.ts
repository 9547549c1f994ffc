import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AcceleratorUse } from '../../src/attribution/accelerator-use.ts'
import { NO_FOOTPRINT } from '../../src/model/footprint.ts'
import { consumer, cores, GIB, Rig, rounded, SECOND, type Using } from './rig.ts'

const CPU = 'processors/socket-0'
const CARD = 'accelerators/0000:01:00.0'
/** Known to draw so much idle, in W. */
const learned = (idleW: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(idleW).map(([leaf, w]) => [`${leaf} measured`, `0 600 0.0000 ${w * 1e6}`]))

interface Scene {
  readonly idleW?: Readonly<Record<string, number>>
  readonly users?: Readonly<Record<string, Using>>
  readonly holders?: readonly [name: string, use: number, reserved: number][]
  readonly utilisation?: number | null
  readonly unallocated?: 'separate' | 'spread'
}

/** What a second gives to each, in J: idle and dynamic. */
function second(powerW: Readonly<Record<string, number>>, scene: Scene): Record<string, number[]> {
  const { idleW = {}, users = {}, holders, utilisation = null, unallocated = 'separate' } = scene
  const rig = new Rig({ unallocated })
  rig.account.restore(
    { consumers: [], tenants: [], attributedUj: 0n, attributedBooked: NO_FOOTPRINT, idle: learned(idleW), lastUse: '' },
    0n,
    0,
  )
  rig.capacity = { ...rig.capacity, usedBytes: 0 }
  rig.look()
  rig.draw(1, powerW)
  if (holders) {
    const all = holders.map(([name, use, reserved]) => ({
      consumer: consumer(name),
      use: BigInt(Math.round(use * 1e9)),
      reserved: BigInt(Math.round(reserved * 1e9)),
    }))
    const use: AcceleratorUse = {
      leaf: CARD,
      startNs: rig.clock.ns - SECOND,
      endNs: rig.clock.ns,
      holders: all,
      utilisation,
    }
    rig.cards.push(use)
  }
  rig.look(users)
  rig.collect()
  assert.equal(rig.attributedUj, rig.postedUj)
  return rounded(rig.joules(), 2)
}

test('idle power of processors goes to reserved cores, and what nobody reserved is unallocated', () => {
  const idleW = { [CPU]: 40 }
  const users = { one: { reserved: cores(1) }, busy: { cpuS: 1 } }
  const one = [10, 0]
  assert.deepEqual(second({ [CPU]: 100 }, { idleW, users }), { one, busy: [0, 60], unallocated: [30, 0] })
  const spread = second({ [CPU]: 100 }, { idleW, users, unallocated: 'spread' })
  assert.deepEqual(spread, { one: [40, 0], busy: [0, 60] })
})

test('where nobody reserves anything, what is spread goes by use', () => {
  const users = { one: { cpuS: 3 }, two: { cpuS: 1 } }
  const scene = { idleW: { [CPU]: 40 }, users, unallocated: 'spread' as const }
  assert.deepEqual(second({ [CPU]: 100 }, scene), { one: [30, 45], two: [10, 15] })
})

test('reservations of more than there is are scaled to what there is', () => {
  const users = { one: { reserved: cores(4) }, two: { reserved: cores(4) }, three: { reserved: cores(2) } }
  const joules = second({ [CPU]: 40 }, { idleW: { [CPU]: 40 }, users })
  assert.deepEqual(joules, { one: [16, 0], two: [16, 0], three: [8, 0] })
})

test('memory: idle by what is held of it, dynamic by CPU time', () => {
  const users = { big: { memory: 12n * GIB }, busy: { memory: GIB, cpuS: 2 } }
  const joules = second({ 'memory/socket-0': 20 }, { idleW: { 'memory/socket-0': 16 }, users })
  assert.deepEqual(joules, { big: [12, 0], busy: [1, 4], unallocated: [3, 0] })
})

test('rest and loss follow the others: their idle part the idle, their dynamic part the dynamic', () => {
  const users = { one: { reserved: cores(2) }, busy: { cpuS: 1 } }
  const idleW = { [CPU]: 40, rest: 30, supply_loss: 10 }
  const joules = second({ [CPU]: 100, rest: 50, supply_loss: 20 }, { idleW, users })
  assert.deepEqual(joules, { one: [40, 0], busy: [0, 90], unallocated: [40, 0] })
})

test('where a meter of the machine is all there is, a core weighs as much as 20 GiB', () => {
  const users = { one: { reserved: cores(2), cpuS: 1 }, big: { memory: 10n * GIB } }
  const joules = second({ rest: 100 }, { idleW: { rest: 48 }, users })
  // 4 cores and 0.8 for 16 GiB: 10 W each.
  assert.deepEqual(joules, { one: [20, 52], big: [5, 0], unallocated: [23, 0] })
})

test('what comes late and on top is divided like the rest of its posting, and teaches nothing', () => {
  const rig = new Rig()
  rig.account.restore(
    {
      consumers: [],
      tenants: [],
      attributedUj: 0n,
      attributedBooked: NO_FOOTPRINT,
      idle: learned({ [CPU]: 40, rest: 10 }),
      lastUse: '',
    },
    0n,
    0,
  )
  rig.look()
  rig.draw(1, { rest: 10 })
  rig.look({ one: { reserved: cores(4), cpuS: 1 } })
  rig.collect()
  const idle = rig.collect().idle['rest measured']
  rig.rows.splice(0)
  rig.post(rig.clock.ns - SECOND, rig.clock.ns, { [CPU]: 100, rest: 20 })
  assert.equal(rig.collect().idle['rest measured'], idle)
  assert.deepEqual(rounded(rig.joules()), { one: [48, 72] })
})

test('an idle card is its holders’, and what it does is its users’', () => {
  const scene = { idleW: { [CARD]: 60 }, utilisation: 0.8 }
  const shared = second(
    { [CARD]: 300 },
    {
      ...scene,
      holders: [
        ['one', 0.6, 0.5],
        ['two', 0.2, 0.5],
      ],
    },
  )
  assert.deepEqual(shared, { one: [30, 180], two: [30, 60] })
  const held = second({ [CARD]: 60 }, { ...scene, utilisation: 0, holders: [['one', 0, 1]] })
  assert.deepEqual(held, { one: [60, 0] })
})

test('instances of a card that are free are unallocated, or borne by those who have the others', () => {
  const scene: Scene = {
    idleW: { [CARD]: 70 },
    holders: [
      ['one', 0.4, 4 / 7],
      ['two', 0.1, 2 / 7],
    ],
  }
  assert.deepEqual(second({ [CARD]: 170 }, scene), { one: [40, 80], two: [20, 20], unallocated: [10, 0] })
  const spread = second({ [CARD]: 170 }, { ...scene, unallocated: 'spread' })
  assert.deepEqual(spread, { one: [46.67, 80], two: [23.33, 20] })
})

test('a card that is held and tells no use is its holders’, one that nobody holds is nobody’s', () => {
  const idleW = { [CARD]: 60 }
  assert.deepEqual(second({ [CARD]: 200 }, { idleW, holders: [['one', 0, 1]] }), { one: [60, 140] })
  assert.deepEqual(second({ [CARD]: 60 }, { idleW, holders: [] }), { unallocated: [60, 0] })
  assert.deepEqual(second({ [CARD]: 200 }, { idleW, holders: [] }), { unallocated: [60, 0], unattributed: [0, 140] })
  assert.deepEqual(second({ [CARD]: 200 }, { idleW }), { unattributed: [60, 140] })
  const users = { web: { reserved: cores(1) } }
  assert.deepEqual(second({ [CARD]: 60 }, { idleW, holders: [], users, unallocated: 'spread' }), { web: [60, 0] })
})

test('a module of processor and accelerator is divided by what each of them does', () => {
  const one = (cpuS: number, gpu: number) => {
    const rig = new Rig()
    const leaf = 'processors/socket-0'
    rig.account.restore(
      {
        consumers: [],
        tenants: [],
        attributedUj: 0n,
        attributedBooked: NO_FOOTPRINT,
        idle: learned({ [leaf]: 100 }),
        lastUse: '',
      },
      0n,
      0,
    )
    rig.capacity = { ...rig.capacity, usedBytes: 0 }
    rig.look()
    rig.draw(1, { [leaf]: 700 })
    const holders = [{ consumer: consumer('trainer'), use: BigInt(gpu * 1e9), reserved: SECOND }]
    const card = { leaf: 'accelerators/socket-0/0000:01:00.0', startNs: rig.clock.ns - SECOND, endNs: rig.clock.ns }
    rig.cards.push({ ...card, holders, utilisation: gpu })
    rig.look({ loader: { cpuS, reserved: cores(4) } })
    rig.collect()
    assert.equal(rig.attributedUj, rig.postedUj)
    return rounded(rig.joules())
  }
  assert.deepEqual(one(4, 0), { loader: [30, 600], trainer: [70, 0] })
  assert.deepEqual(one(0, 1), { loader: [30, 0], trainer: [70, 600] })
  assert.deepEqual(one(4, 1), { loader: [30, 180], trainer: [70, 420] })
})

test('the idle power of a card is learned by its own use, not by that of the processors', () => {
  const rig = new Rig()
  rig.look()
  const minute = (utilisation: number, watts: number) => {
    for (let second = 0; second < 60; second++) {
      rig.draw(1, { [CARD]: watts })
      const holders = [{ consumer: consumer('one'), use: BigInt(utilisation * 1e9), reserved: SECOND }]
      rig.cards.push({ leaf: CARD, startNs: rig.clock.ns - SECOND, endNs: rig.clock.ns, holders, utilisation })
      rig.look({ web: { cpuS: 4 * (1 - utilisation) } })
      rig.rows.splice(0)
      rig.collect()
    }
    return rounded(rig.joules()).one
  }
  assert.deepEqual(minute(0, 55), [55, 0])
  assert.deepEqual(minute(1, 400), [55, 345])
})
