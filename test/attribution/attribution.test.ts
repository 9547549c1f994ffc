import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cores, GIB, Rig, rounded, SECOND } from './rig.ts'

const CPU = 'processors/socket-0'
const idleJ = (rig: Rig, name: string): number => rig.joules()[name]?.[0] ?? 0
const dynamicJ = (rig: Rig, name: string): number => rig.joules()[name]?.[1] ?? 0
/** To the rounding of some µJ. */
const assertNear = (actual: number, expected: number): void => {
  assert.ok(Math.abs(actual - expected) < 1e-6 * expected, `${actual} instead of ${expected}`)
}

test('the idle and dynamic figure of Schneider and Mattia: 6 MW idle, 14 MW by day and 12 MW by night', () => {
  const rig = new Rig()
  const production = { reserved: cores(4) }
  rig.look()
  for (let second = 0; second < 60; second++) {
    rig.draw(1, { [CPU]: 6e6 })
    rig.look({ production })
    rig.collect()
  }
  rig.rows.splice(0)
  const hour = (powerW: number, productionS: number, otherS: number) => {
    rig.draw(1, { [CPU]: powerW })
    rig.look({ production: { ...production, cpuS: productionS }, other: { cpuS: otherS } })
    rig.collect()
    const megawatts = rounded(rig.joules())
    rig.rows.splice(0)
    return megawatts
  }
  // 80 % of the machine, three quarters of it by production, which has reserved all of it.
  assert.deepEqual(hour(14e6, 2.4, 0.8), { production: [6e6, 6e6], other: [0, 2e6] })
  assert.deepEqual(hour(12e6, 1.2, 1.2), { production: [6e6, 3e6], other: [0, 3e6] })
})

test('a posting is split by the use in exactly its time, whichever passes lie in it', () => {
  const rig = new Rig()
  rig.look()
  rig.clock.advance(SECOND)
  rig.look({ early: { cpuS: 4 } })
  rig.clock.advance(SECOND)
  rig.look({ late: { cpuS: 4 } })
  const endNs = rig.clock.ns
  rig.post(endNs - 3n * (SECOND / 2n), endNs - SECOND / 4n, { [CPU]: 100 })
  rig.collect()
  assertNear(dynamicJ(rig, 'early') / dynamicJ(rig, 'late'), 0.5 / 0.75)
  assert.equal(rig.attributedUj, rig.postedUj)
})

test('energy waits for the use of its time, and says so', () => {
  const rig = new Rig()
  rig.look()
  const fromNs = rig.clock.ns
  rig.draw(1, { [CPU]: 100 })
  assert.deepEqual(rig.account.collect(false).waitingFromNs, fromNs)
  rig.draw(1, { [CPU]: 100 })
  const waiting = rig.account.collect(false)
  assert.deepEqual([waiting.waitingFromNs, waiting.rows, waiting.state.attributedUj], [fromNs, [], 0n])
  rig.look({ web: { cpuS: 1 } })
  assert.equal(rig.collect().attributedUj, 200_000_000n)
  assert.equal(rig.account.collect(false).waitingFromNs, null)
})

test('energy that comes minutes late is split by the use of its own time', () => {
  const rig = new Rig()
  rig.look()
  const startNs = rig.clock.ns
  for (let second = 0; second < 300; second++) {
    rig.clock.advance(SECOND)
    rig.look({ [second < 120 ? 'first' : 'second']: { cpuS: 4 } })
    rig.collect()
  }
  rig.post(startNs, startNs + 60n * SECOND, { [CPU]: 100 })
  rig.post(startNs + 240n * SECOND, startNs + 270n * SECOND, { [CPU]: 100 })
  rig.collect()
  assertNear(dynamicJ(rig, 'first') / dynamicJ(rig, 'second'), 2)
})

test('energy of a time in which nobody looked is of the consumer that says so, in proportion to time', () => {
  const rig = new Rig()
  rig.clock.advance(9n * SECOND)
  rig.look()
  rig.clock.advance(SECOND)
  rig.look({ web: { cpuS: 4 } })
  rig.post(rig.clock.ns - 10n * SECOND, rig.clock.ns, { [CPU]: 100 })
  rig.collect()
  assertNear(idleJ(rig, 'unattributed') + dynamicJ(rig, 'unattributed'), 900)
  assertNear(idleJ(rig, 'unallocated') + dynamicJ(rig, 'web'), 100)
})

test('at the end nothing waits: the newest use stands for the last moments too', () => {
  const rig = new Rig()
  rig.look()
  rig.clock.advance(SECOND)
  rig.look({ web: { cpuS: 4 } })
  rig.draw(1.5, { [CPU]: 100 })
  const state = rig.collect(true)
  assert.equal(state.attributedUj, 150_000_000n)
  assert.deepEqual(Object.keys(rig.joules()).sort(), ['unallocated', 'web'])
})

test('a pass that hangs holds up energy for half a minute, and what it finds in the end counts from then on', () => {
  const rig = new Rig()
  rig.look()
  rig.clock.advance(SECOND)
  rig.look({ web: { cpuS: 4 } })
  for (let second = 0; second < 40; second++) {
    rig.draw(1, { [CPU]: 100 })
    rig.collect()
  }
  assert.deepEqual(rig.logger.lines, ['warn attribution_stalled'])
  const stalled = rig.joules()
  assert.ok((stalled.unattributed?.[1] ?? 0) > 0)
  // The newest use stands for two seconds, and the last thirty still wait.
  assert.equal(
    Math.round(
      Object.values(stalled)
        .flat()
        .reduce((sum, joules) => sum + joules, 0),
    ),
    900,
  )
  rig.look({ web: { cpuS: 160 } })
  rig.collect()
  assert.equal(rig.attributedUj, rig.postedUj)
  assert.equal(rig.joules().unattributed?.[1], stalled.unattributed?.[1])
})

test('what a killed process had not split is of nobody, in the hour of its last flush', () => {
  const rig = new Rig()
  rig.look()
  rig.draw(1, { [CPU]: 100 })
  rig.look({ 'a.service': { cpuS: 1 } })
  rig.draw(1, { [CPU]: 100 })
  const state = rig.collect()
  assert.equal(state.attributedUj, 100_000_000n)
  const next = new Rig()
  const flushed = Date.parse('2026-03-01T09:59:59Z')
  next.account.restore(state, rig.postedUj, flushed)
  const restored = next.collect()
  assert.equal(restored.attributedUj, rig.postedUj)
  const [row] = next.rows
  assert.deepEqual(next.rows.length, 1)
  assert.deepEqual(
    [row?.consumer.name, row?.dynamicUj, row?.hourUnixMs],
    ['unattributed', 100_000_000n, Date.parse('2026-03-01T09:00:00Z')],
  )
  const sumUj = restored.tenants.reduce((sum, { idleUj, dynamicUj }) => sum + idleUj + dynamicUj, 0n)
  assert.equal(sumUj, rig.postedUj)
  assert.deepEqual(restored.idle, state.idle)
})

test('what was drawn before anybody split is no backlog', () => {
  const rig = new Rig()
  rig.account.restore(null, 5_000_000n, 0)
  assert.deepEqual([rig.collect().attributedUj, rig.rows], [5_000_000n, []])
})

test('a posting that crosses the hour has rows in both, by time', () => {
  const rig = new Rig()
  rig.clock.wallMs = Date.parse('2026-03-01T09:59:57.500Z')
  rig.look()
  rig.draw(10, { [CPU]: 100, rest: 33.333_333 })
  rig.look({ web: { cpuS: 4 } })
  rig.collect()
  const hours = new Map<number, number>()
  for (const { hourUnixMs, idleUj, dynamicUj } of rig.rows)
    hours.set(hourUnixMs, (hours.get(hourUnixMs) ?? 0) + Number(idleUj + dynamicUj))
  assert.deepEqual([...hours].sort(), [
    [Date.parse('2026-03-01T09:00:00Z'), 333_333_332],
    [Date.parse('2026-03-01T10:00:00Z'), 999_999_998],
  ])
})

test('without control groups all energy is the system’s, and none waits', () => {
  const rig = new Rig()
  rig.source.isReading = false
  rig.draw(1, { [CPU]: 100, memory: 3, 'accelerators/0000:01:00.0': 40, rest: 20 })
  const state = rig.collect()
  assert.equal(state.attributedUj, rig.postedUj)
  assert.deepEqual(Object.keys(rig.joules()), ['system'])
})

test('one that is gone is said to be so once the energy of its time is its own', () => {
  const rig = new Rig()
  rig.look()
  rig.draw(1, { [CPU]: 100 })
  rig.clock.advance(SECOND / 2n)
  rig.look({ job: { cpuS: 1, isGone: true } })
  const one = () => rig.account.totals.consumers.find(({ consumer }) => consumer.name === 'job')
  assert.ok((one()?.dynamicUj ?? 0n) > 0n)
  rig.draw(0.5, { [CPU]: 100 })
  rig.look()
  assert.equal(one()?.goneUnixMs, rig.clock.wallMs - 500)
  // A service that is started anew is not gone.
  rig.draw(1, { [CPU]: 100 })
  rig.look({ web: { cpuS: 1, isGone: true } })
  rig.post(rig.clock.ns - SECOND, rig.clock.ns + SECOND, { [CPU]: 100 })
  assert.ok(rig.account.totals)
  rig.clock.advance(SECOND)
  rig.look({ web: { cpuS: 1 } })
  const web = rig.account.totals.consumers.find(({ consumer }) => consumer.name === 'web')
  assert.equal(web?.goneUnixMs, null)
})

test('hundreds of late postings are split over several ticks, and none is lost', () => {
  const rig = new Rig()
  rig.look()
  for (let second = 0; second < 300; second++) {
    rig.clock.advance(SECOND)
    rig.look({ web: { cpuS: 4 } })
    rig.collect()
  }
  for (let late = 300n; late > 0n; late--) {
    rig.post(rig.clock.ns - late * SECOND, rig.clock.ns - (late - 1n) * SECOND, { [CPU]: 100 })
  }
  const first = rig.collect()
  assert.ok(first.attributedUj > 0n && first.attributedUj < rig.postedUj)
  for (let tick = 0; tick < 5; tick++) rig.collect()
  assert.equal(rig.attributedUj, rig.postedUj)
})

test('groups that are not followed are told once', () => {
  const rig = new Rig()
  for (let pass = 0; pass < 2; pass++) {
    rig.truncated = 7
    rig.look()
  }
  assert.deepEqual(rig.logger.lines, ['warn attribution_truncated'])
})

test('the memory of a limit counts as reserved, and what nobody has is unallocated', () => {
  const rig = new Rig()
  rig.look()
  for (let second = 0; second < 20; second++) {
    rig.draw(1, { 'memory/socket-0': 16 })
    rig.look({
      limited: { memory: GIB, reserved: { memoryMaxBytes: 8n * GIB } },
      plain: { memory: 2n * GIB, reserved: { memoryMaxBytes: 'unlimited' } },
    })
    rig.collect()
  }
  // 4 GiB are in use, of which the system has what the two do not.
  assert.deepEqual(rounded(rig.joules()), { limited: [160, 0], plain: [40, 0], system: [20, 0], unallocated: [100, 0] })
})
