import assert from 'node:assert/strict'
import { afterEach, mock, test } from 'node:test'
import type { Totals } from '../../src/integration/shown-totals.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { counterChannel, watts } from './machine.ts'
import { AgentLife, PROCESSOR } from './shown-totals-agent.ts'

const HOUR_S = 3_600
/** An extraordinary step waits until the readings after it agree. */
const BELIEVED_S = 3
const GAPS = 'channel/rapl/package/package-0/unaccounted'

afterEach(() => mock.timers.reset())

async function agentFor(seconds: number): Promise<AgentLife> {
  const life = new AgentLife()
  await life.start()
  for (let s = 0; s < seconds; s++) life.second()
  return life
}

const shown = (life: AgentLife, name = PROCESSOR): bigint => life.shown?.get(name) ?? assert.fail(`no ${name}`)

test('a new ledger shows energy as soon as there is some, and does not wait for its first flush', async () => {
  const life = await agentFor(BELIEVED_S)
  assert.equal(shown(life), life.registerUj)
  assert.ok(shown(life, 'node/measured') > life.registerUj)
})

test('at a constant load every second is shown, and the disk is written once in an interval', async () => {
  const life = await agentFor(60)
  const { tries } = life.disk
  for (let s = 0; s < HOUR_S; s++) {
    life.second()
    assert.equal(shown(life), life.registerUj)
  }
  assert.equal(life.disk.tries - tries, 360)
})

test('a counter that wraps soon is saved before nobody could bridge it, whatever the interval', async () => {
  // AMD's package: at 1 kW half of its range is 32 s.
  const amd = counterChannel('package-0', { modulus: 65_532_610_987n, maxPowerUw: watts(1_000) })
  const life = new AgentLife(60_000, amd)
  await life.start()
  for (let s = 0; s < 100; s++) life.second()
  life.kill()
  for (let s = 0; s < 12; s++) life.second()
  await life.start()
  for (let s = 0; s < 120; s++) life.second()
  assert.equal(shown(life), life.registerUj)
  assert.ok(shown(life, GAPS) < NS_PER_S)
})

test('from 10 to 700 W no second is missing once it is believed, for a handful of early flushes', async () => {
  const life = await agentFor(120)
  life.watts = 10
  for (let s = 0; s < 120; s++) life.second()
  const { tries } = life.disk
  life.watts = 700
  for (let s = 0; s < 60; s++) {
    life.second()
    if (s >= BELIEVED_S) assert.equal(shown(life), life.registerUj)
  }
  assert.ok(life.disk.tries - tries <= 6 + 4, `${life.disk.tries - tries} flushes`)
})

test('while nobody looks, what a new process has counted is on disk in seconds, and a risen load when it must be', async () => {
  const life = await agentFor(BELIEVED_S)
  const energyUj = () => life.disk.state?.channels.find(({ key }) => PROCESSOR.includes(key))?.energyUj
  assert.equal(energyUj(), life.registerUj)
  for (let s = 0; s < 60; s++) life.second()
  life.kill()
  for (let s = 0; s < 5; s++) life.second()
  await life.start()
  for (let s = 0; s < BELIEVED_S; s++) life.second()
  assert.equal(energyUj(), life.registerUj)
  for (let s = 0; s < 60; s++) life.second()
  const { tries } = life.disk
  life.watts = 700
  for (let s = 0; s < 10; s++) life.second()
  assert.ok(life.disk.tries - tries >= 2, `${life.disk.tries - tries} flushes`)
  assert.equal(shown(life), life.registerUj)
})

test('a load that changes each second brings early flushes, and never one a second', async () => {
  const life = await agentFor(60)
  const { tries } = life.disk
  for (let s = 0; s < 600; s++) {
    life.watts = s % 20 < 10 ? 50 : 650
    life.second()
    assert.equal(shown(life), life.registerUj)
  }
  assert.ok(life.disk.tries - tries <= 150, `${life.disk.tries - tries} flushes`)
})

test('a disk that takes nothing for an hour is tried once in an interval; totals stop at their ceilings, and catch up at once', async () => {
  const life = await agentFor(60)
  const { tries, ceilings } = life.disk
  life.disk.mood = 'lost'
  for (let s = 0; s < HOUR_S; s++) {
    life.second()
    for (const [name, total] of life.shown ?? []) assert.ok(total <= (ceilings.get(name) ?? 0n), name)
  }
  assert.equal(life.disk.tries - tries, 360)
  assert.equal(shown(life), ceilings.get(PROCESSOR))
  life.disk.mood = 'writes'
  for (let s = 0; s < 10; s++) life.second()
  assert.equal(shown(life), life.registerUj)
})

test('a kill while the disk takes nothing: nothing falls, and the counter bridges all of it', async () => {
  const life = await agentFor(60)
  life.disk.mood = 'lost'
  for (let s = 0; s < 200; s++) life.second()
  const before = life.shown ?? assert.fail()
  life.kill()
  life.disk.mood = 'writes'
  await life.start()
  life.second()
  assertNoFall(before, life.shown)
  assert.equal(shown(life), life.registerUj)
})

test('after a clean end the next agent shows the true totals at once', async () => {
  const life = await agentFor(25)
  await life.stop()
  for (let s = 0; s < 30; s++) life.second()
  await life.start()
  life.second()
  assert.equal(shown(life), life.registerUj)
})

test('after a kill a total stands where it may have been shown, until the truth has passed it', async () => {
  const life = await agentFor(63)
  life.kill()
  const ceiling = life.disk.ceilings.get('part/processors/measured') ?? 0n
  await life.start()
  let standing = 0
  for (let s = 0; s < 60; s++) {
    life.second()
    const total = shown(life, 'part/processors/measured')
    assert.equal(total, life.registerUj > ceiling ? life.registerUj : ceiling)
    if (total === ceiling) standing++
  }
  assert.ok(standing >= 15 && standing <= 20, `${standing} s`)
})

test('a night of sleep is shown as it is, and puts no ceiling hours ahead', async () => {
  const life = await agentFor(60)
  life.suspend(8 * HOUR_S)
  for (let s = 0; s < 25; s++) life.second()
  const true_ = shown(life, GAPS)
  assert.ok(true_ >= BigInt(8 * HOUR_S) * NS_PER_S)
  life.kill()
  await life.start()
  life.second()
  assert.ok(shown(life, GAPS) - true_ <= 25n * NS_PER_S)
})

test('the energy of an outage is shown as it is, and puts no ceiling as far ahead again', async () => {
  const life = await agentFor(60)
  await life.stop()
  for (let s = 0; s < 500; s++) life.second()
  await life.start()
  for (let s = 0; s < 4; s++) life.second()
  assert.equal(shown(life), life.registerUj)
  const ceiling = life.disk.ceilings.get(PROCESSOR) ?? 0n
  assert.ok(ceiling - life.registerUj <= 20n * watts(200), `${ceiling - life.registerUj} µJ ahead`)
})

test('a write that failed and came to the disk all the same makes no total fall', async () => {
  const life = await agentFor(60)
  for (let round = 0; round < 20; round++) {
    life.watts = round % 2 ? 5 : 900
    life.disk.mood = 'unheard'
    for (let s = 0; s < 17; s++) life.second()
    const before = life.shown ?? assert.fail()
    life.kill()
    life.disk.mood = 'writes'
    await life.start()
    for (let s = 0; s < 12; s++) {
      life.second()
      assertNoFall(before, life.shown)
    }
  }
})

function assertNoFall(before: Totals, after: Totals | null): void {
  for (const [name, total] of before)
    assert.ok((after?.get(name) ?? 0n) >= total, `${name} fell from ${total} to ${after?.get(name)}`)
}
