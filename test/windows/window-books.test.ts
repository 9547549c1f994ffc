import assert from 'node:assert/strict'
import { test } from 'node:test'
import { windowAnswer } from '../../src/windows/answers.ts'
import type { MeasuredWindow } from '../../src/windows/measured-window.ts'
import { MOST_OPEN_PER_USER } from '../../src/windows/windows.ts'
import { Rig, WISH } from './account.ts'

/** The account's figure for a processor's joules: with the rest that is modelled, and the loss of an efficiency of 0.92. */
const ofNode = (processorJ: number) => (processorJ * 1.224) / 0.92

function near(window: MeasuredWindow, processorJ: number, withinJ = 0.001): void {
  const processors = window.amounts.parts.filter(({ part }) => part === 'processors')
  const joules = processors.reduce((sum, { energyUj }) => sum + Number(energyUj) / 1e6, 0)
  assert.ok(Math.abs(joules - processorJ) <= withinJ, `${joules} J instead of ${processorJ} J`)
}

async function begun(rig: Rig, wish = WISH): Promise<MeasuredWindow> {
  return (await rig.windows.begin(wish, 1)) ?? assert.fail('refused')
}

test('a window has the energy between readings that are taken at its edges, to the microjoule', async () => {
  const rig = new Rig()
  rig.pass(5, 10)
  rig.run(300, 10)
  const window = await begun(rig)
  rig.run(700, 100)
  rig.pass(2, 100)
  rig.run(550, 100)
  await rig.windows.end(window, 0)
  rig.pass(3, 10)
  assert.equal(window.isFinal, true)
  near(window, 325, 0)
  assert.equal(window.durationNs, 3_250_000_000n)
  assert.equal(window.amounts.of('covered'), 3_250_000_000n)
  const { energyUj } = window.amounts
  assert.ok(Math.abs(Number(energyUj) / 1e6 - ofNode(325)) < 0.01 * ofNode(325))
  // 1 g/kWh: emissions are booked with the energy.
  assert.ok(Math.abs(Number(window.amounts.of('location')) - Number(energyUj) / 3.6e6) < 10)
  assert.equal(Number(window.peakUw) / 1e6 > 100, true)
})

test('windows nest and overlap, and neighbours leave nothing between them', async () => {
  const rig = new Rig()
  rig.pass(3, 50)
  const outer = await begun(rig, { ...WISH, name: 'training' })
  rig.pass(2, 60)
  const first = await begun(rig)
  rig.pass(3, 70)
  await rig.windows.end(first, 0)
  const second = await begun(rig)
  const across = await begun(rig, { ...WISH, name: 'across' })
  rig.pass(3, 80)
  await rig.windows.end(second, 0)
  rig.pass(2, 90)
  await rig.windows.end(outer, 0)
  rig.pass(2, 30)
  await rig.windows.end(across, 0)
  rig.pass(2, 10)
  near(outer, 120 + 210 + 240 + 180, 0)
  near(first, 210, 0)
  near(second, 240, 0)
  near(across, 240 + 180 + 60, 0)
})

test('edges within a second of each other cost one reading, and share their second by time', async () => {
  const rig = new Rig()
  rig.pass(3, 40)
  const before = rig.readings
  const windows: MeasuredWindow[] = []
  for (let at = 0; at < 20; at++) {
    const window = await begun(rig)
    rig.run(45, 40)
    await rig.windows.end(window, 0)
    windows.push(window)
  }
  assert.ok(rig.readings - before <= 1, `${rig.readings - before} readings`)
  rig.pass(3, 40)
  for (const window of windows) near(window, 0.045 * 40)
})

test('a window waits for a meter that is slow, and is provisional until then', async () => {
  const rig = new Rig()
  rig.pass(3, 40)
  const window = await begun(rig)
  rig.run(1_500, 40)
  // The processor cannot be read just now.
  rig.read = () => rig.node.tick()
  await rig.windows.end(window, 0)
  assert.equal(window.isFinal, false)
  const settled = rig.windows.end(window, 60_000)
  Reflect.deleteProperty(rig, 'read')
  rig.pass(2, 40)
  await settled
  near(window, 60)
})

test('a window that nobody ends is closed at its limit, and counts nothing behind it', async () => {
  const rig = new Rig()
  rig.pass(2, 20)
  const window = await begun(rig, { ...WISH, limitMs: 5_000 })
  rig.pass(4, 20)
  rig.windows.enforceLimits()
  assert.equal(window.isFinal, false)
  rig.pass(4, 20)
  rig.windows.enforceLimits()
  rig.pass(14, 90)
  assert.equal(window.end?.by, 'limit')
  assert.equal(window.durationNs, 5_000_000_000n)
  near(window, 100)
})

test('a kill between two flushes loses and doubles nothing, of windows that are open and that have ended', async () => {
  const rig = new Rig()
  rig.pass(5, 10)
  const open = await begun(rig)
  const ended = await begun(rig, { ...WISH, name: 'ended' })
  rig.pass(4, 100)
  rig.flush()
  rig.pass(3, 100)
  await rig.windows.end(ended, 0)
  rig.pass(2, 100)
  const next = rig.killed(3_000, 100)
  const [again, over] = [open, ended].map(({ facts }) => next.books.find(facts.id) ?? assert.fail('lost'))
  next.pass(2, 100)
  await next.windows.end(again ?? assert.fail(), 0)
  next.pass(12, 10)
  near(again ?? assert.fail(), 1_400, 0)
  near(over ?? assert.fail(), 700)
  assert.equal(over?.isFinal, true)
  assert.equal(over?.end?.by, 'client')
  // What the network carried is of the process that began it, and an agent that is killed loses sight of it.
  assert.deepEqual([again?.network, ended.network], [null, { received: 2_000, sent: 500 }])
})

test('a begun window is on disk before it is told, and with it those that came a moment later', async () => {
  const rig = new Rig()
  rig.pass(2, 10)
  const first = await begun(rig)
  assert.deepEqual([...rig.disk.rows.keys()], [first.facts.id])
  await Promise.all([begun(rig), begun(rig)])
  rig.windows.stop()
  assert.deepEqual(
    rig.disk.begun.map((rows) => rows.length),
    [1, 2],
  )
})

test('a window of another boot ended with it', async () => {
  const rig = new Rig()
  rig.pass(5, 10)
  const window = await begun(rig)
  rig.pass(4, 25)
  rig.flush()
  const atUnixMs = rig.clock.wallMs
  rig.pass(2, 25)
  const next = rig.killed(60_000, 0, 'boot-2')
  const row = next.books.find(window.facts.id) ?? assert.fail()
  assert.deepEqual([row.isFinal, row.end?.by, row.end?.unixMs], [true, 'reboot', atUnixMs])
  near(row, 100, 0)
  next.pass(3, 500)
  near(row, 100, 0)
})

test('one user cannot have more windows open than is bearable, and keeps no other out', async () => {
  const rig = new Rig()
  for (let at = 0; at < MOST_OPEN_PER_USER; at++) await begun(rig)
  assert.equal(await rig.windows.begin(WISH, 1), null)
  assert.notEqual(await rig.windows.begin({ ...WISH, uid: 1001 }, null), null)
  rig.windows.stop()
})

test('the history answers for any span of the last hours, and says how finely', async () => {
  const rig = new Rig()
  const startUnixMs = rig.clock.wallMs
  rig.pass(61, 30)
  const { history } = rig.books
  const { amounts, resolutionMs } = history.energyOf(startUnixMs + 5_000, startUnixMs + 35_000)
  assert.equal(resolutionMs, 10_000)
  assert.equal(amounts.of('covered'), 30_000_000_000n)
  const processors = amounts.parts.filter(({ part }) => part === 'processors')
  assert.ok(Math.abs(Number(processors[0]?.energyUj) / 1e6 - 900) < 0.01)
})

test('a command in the window’s scope has its own share, for which the window waits, also over a kill', async () => {
  const rig = new Rig()
  rig.pass(2, 50)
  const window = await begun(rig, { ...WISH, hasScope: true })
  const { id } = window.facts
  rig.pass(2, 50)
  rig.splitUntilNs = 0n
  rig.books.takeOwn(id, null, 'idle', 3n)
  rig.books.takeOwn(id, `${WISH.uid}`, 'dynamic', 4_000_000n)
  rig.books.takeOwn(id, '4242', 'dynamic', 999n)
  rig.books.takeOwn('another', null, 'dynamic', 999n)
  rig.flush()
  const next = rig.killed(500, 50)
  next.splitUntilNs = 0n
  const same = next.books.find(id) ?? assert.fail('forgotten')
  await next.windows.end(same, 0)
  assert.deepEqual([next.looks, same.isFinal], [1, false])
  next.books.takeOwn(id, null, 'dynamic', 1_000_000n)
  next.splitUntilNs = 2n ** 63n
  next.pass(1, 50)
  assert.equal(same.isFinal, true)
  assert.deepEqual(same.own, { isSeen: true, idleUj: 3n, dynamicUj: 5_000_000n })
  next.books.takeOwn(id, null, 'dynamic', 1n)
  const { own } = windowAnswer(same, next.clock.ns, null)
  assert.deepEqual(own, { energy_j: 5.000003, above_idle_j: 5 })
})

test('a window whose command was seen and drew nothing beyond the idle machine has a share of nothing', async () => {
  const rig = new Rig()
  const window = await begun(rig, { ...WISH, hasScope: true })
  rig.books.takeOwn(window.facts.id, null, 'dynamic', 0n)
  assert.deepEqual(windowAnswer(window, rig.clock.ns, null).own, { energy_j: 0, above_idle_j: 0 })
})

test('a window whose scope nobody saw has no own share, and one without a scope takes none', async () => {
  const rig = new Rig()
  const [unseen, plain] = [await begun(rig, { ...WISH, hasScope: true }), await begun(rig)]
  rig.books.takeOwn(plain.facts.id, null, 'dynamic', 1n)
  rig.pass(1, 50)
  await Promise.all([rig.windows.end(unseen, 0), rig.windows.end(plain, 0)])
  rig.pass(1, 50)
  for (const window of [unseen, plain]) {
    assert.equal(windowAnswer(window, rig.clock.ns, null).own, null)
    assert.equal(window.isFinal, true)
  }
})
