import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EmbodiedAccrual } from '../../src/carbon/embodied/embodied-accrual.ts'
import type { AttributedPosting, AttributionAccount } from '../../src/model/attribution.ts'
import type { BookedPosting, NodeTaker } from '../../src/model/node-taker.ts'
import { aCarbon, MAKING, value } from '../carbon/a-carbon.ts'
import { AccountRig, constant, type Meter, meter, wholeMeter } from './account-rig.ts'

/** A microgram each millisecond. */
const EMBODIED = { totalUg: 10n ** 15n, lifetimeMs: 10 ** 15, startsUnixMs: null }

/** A machine, and how much was booked of its making: in the rows and in the totals. */
function machine(
  meters: readonly Meter[],
  posted: (posting: AttributedPosting, bookedUg: bigint) => void = () => {},
  taker: NodeTaker = { post: () => {}, settle: () => {} },
) {
  const { carbon } = aCarbon({
    sources: [value(1)],
    embodied: new EmbodiedAccrual(MAKING, EMBODIED),
    unixMs: () => Number.POSITIVE_INFINITY,
  })
  const booked = () => carbon.totals.bookedUg.embodied['life-cycle']
  const attribution = {
    restore: () => {},
    post: (posting: AttributedPosting) => posted(posting, booked()),
    collect: () => ({ rows: [], idleRows: [], waitingFromNs: null }),
  }
  const rig = new AccountRig(meters, {
    carbon,
    attribution: attribution as unknown as AttributionAccount,
    taker: () => taker,
  })
  let rowsUg = 0n
  const collect = () => {
    const { nodeRows, state } = rig.collect()
    for (const { embodiedUg } of nodeRows) rowsUg += embodiedUg ?? 0n
    assert.equal(rowsUg, booked(), 'rows sum to the total')
    return structuredClone(state)
  }
  const bookedUg = () => {
    collect()
    return Number(rowsUg)
  }
  return { rig, bookedUg, restart: () => rig.restart(collect()) }
}

const near = (bookedUg: number, seconds: number) =>
  assert.ok(Math.abs(bookedUg - seconds * 1_000) <= 1, `${bookedUg} µg in ${seconds} s`)

test('a wall clock that flaps, jumps for years and is set right costs the making of the machine no moment', () => {
  const { rig, bookedUg } = machine([meter('rapl', 'counter', 'socket-0', constant(100), 'package')])
  rig.passes(10)
  const before = bookedUg()
  const stays = (ms: number) => {
    rig.clock.wallMs += ms
    rig.passes(3)
  }
  for (let times = 0; times < 200; times += 1) {
    stays(5_000)
    stays(-5_000)
  }
  for (const ms of [8_760 * 3_600_000, -8_760 * 3_600_000, -3_600_000, 3_600_000]) stays(ms)
  near(bookedUg() - before, 1_212)
})

test('a part that comes late and a restart book no moment of it twice, and leave none out', () => {
  const parts = ['socket-0', 'socket-1'].map((socket) => meter(socket, 'counter', socket, constant(100), 'package'))
  const { rig, bookedUg, restart } = machine([...parts, wholeMeter('ac_in', constant(300))])
  const [, second, whole] = rig.meters
  assert.ok(second && whole)
  rig.passes(10)
  rig.open(whole, false)
  rig.passes(30)
  const before = bookedUg()
  second.isFailing = true
  rig.passes(60)
  second.isFailing = false
  rig.passes(60)
  restart()
  rig.clock.advance(300_000_000_000n)
  rig.passes(180)
  near(bookedUg() - before, 600)
})

test('who keeps a view of the account is told of energy, its time and the making of that time at once', () => {
  const told: BookedPosting[] = []
  const { rig, bookedUg } = machine([meter('rapl', 'counter', 'socket-0', constant(100), 'package')], undefined, {
    post: (posting) => told.push(posting),
    settle: () => {},
  })
  rig.passes(20)
  const wholeUg = bookedUg()
  assert.equal(told.length > 15, true)
  for (const { startNs, endNs, shares, coveredNs, booked } of told) {
    assert.ok(shares.length > 0)
    assert.equal(coveredNs, endNs - startNs)
    assert.equal(booked.embodiedUg, coveredNs / 1_000_000n)
  }
  assert.equal(
    told.reduce((sum, { booked }) => sum + Number(booked.embodiedUg), 0),
    wholeUg,
  )
})

test('who used the machine in a time is told of the making of that time, and of no later one', () => {
  let untilNs = 0n
  const behindNs: bigint[] = []
  const { rig, bookedUg } = machine(
    [meter('rapl', 'counter', 'socket-0', constant(100), 'package')],
    ({ startNs, endNs }, ug) => {
      if (untilNs === 0n) untilNs = startNs
      untilNs += endNs - startNs
      behindNs.push(untilNs - rig.startNs - ug * 1_000_000n)
    },
  )
  const [counter] = rig.meters
  assert.ok(counter)
  rig.passes(20)
  counter.isHeld = true
  rig.passes(5)
  counter.isHeld = false
  rig.passes(20)
  assert.ok(bookedUg() > 40_000)
  const [first = 0n] = behindNs
  assert.ok(behindNs.length > 30)
  for (const ns of behindNs) assert.equal(ns, first)
})
