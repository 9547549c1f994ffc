import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constant, meter, type Truth, wholeMeter } from '../integration/account-rig.ts'
import { InferenceServer } from './inference-server.ts'
import { inSeconds, joulesOf, joulesPer, RATES, scene } from './scene.ts'

const CARD = '0000:3b:00.0'
const OTHER_CARD = '0000:5e:00.0'
/** The machine 500 W at its input, of which two cards draw 200 and 100. */
const machine = () => [
  wholeMeter('ac_in', constant(500)),
  meter('nvml', 'counter', CARD, constant(200)),
  meter('nvml2', 'counter', OTHER_CARD, constant(100)),
]

test('joules, grams and score per unit are exact against a server that is known to the last token', async () => {
  await using server = await InferenceServer.start()
  // 3.6 g of manufacture an hour, a milligram a second, of which two cards are half.
  const embodiedUg = (fromMs: number, toMs: number) => BigInt(toMs - fromMs)
  const accelerators = { count: 2, embodiedShare: 0.5 }
  for (const [boundary, cards, watts, embodiedMg] of [
    ['machine-with-pue', null, 625, 120n],
    ['machine', null, 500, 120n],
    ['gpu', null, 300, 60n],
    ['gpu', [CARD.toUpperCase()], 200, 30n],
  ] as const) {
    server.restart(null)
    server.serve(1_000)
    const config = { url: server.url, preset: 'vllm', boundary, accelerators: cards }
    const one = scene(machine(), config, { embodiedUg, accelerators: () => accelerators })
    // Two requests a second: two tokens in and six out.
    await one.live(125, () => server.serve(2))
    one.rig.passes(15)
    const { total, unaccountedNs, isUp, restarts } = one.shown
    // The first look is at the fifth second, and adds nothing.
    assert.deepEqual(total.units, { request: 240, prompt_token: 240, output_token: 720 }, boundary)
    assert.equal(joulesOf(total), watts * 120, boundary)
    assert.deepEqual(Object.keys(total.energyUj), ['measured'])
    assert.equal(total.embodiedNg, embodiedMg * 1_000_000n)
    assert.deepEqual([inSeconds(unaccountedNs), isUp, restarts], [0, true, 0])
    // watts · 120 s · 400 g/kWh, rounded down at each of 24 looks.
    const ng = Number(total.locationNg['life-cycle'])
    assert.ok(Math.abs(ng + 12 - (watts * 120 * 400 * 1e9) / 3.6e6) <= 12, `${ng} ng`)
  }
})

test('energy that comes late is that of the same time as the tokens: right within 1 % at every step of the load', async () => {
  await using server = await InferenceServer.start()
  // 20 s at 200 W and 20 s at 1 kW by turns; a request costs 100 J at any load.
  const watts = (second: number) => (Math.floor(second / 20) % 2 === 0 ? 200 : 1_000)
  let startNs = 0n
  const truth: Truth = (atNs) => {
    const upTo = Number((atNs - startNs) / 1_000_000_000n)
    let joules = 0
    for (let second = 0; second < upTo; second++) joules += watts(second)
    return BigInt(joules) * 1_000_000n
  }
  const whole = wholeMeter('psys', (atNs) => truth(atNs))
  const { rig, live, workload } = scene([whole], {
    url: server.url,
    preset: 'vllm',
    boundary: 'machine',
    windows: ['10s', '30s'],
  })
  startNs = rig.startNs
  const ratios: number[] = []
  // The meter is held back for four seconds of each ten: what it says is of the past.
  await live(300, (second) => {
    server.serve(watts(second - 1) / 100)
    whole.isHeld = second % 10 < 4
    for (const { total } of workload.snapshot.windows) {
      ratios.push(joulesOf(total) / (total.units.request ?? Number.NaN))
    }
  })
  assert.ok(ratios.length > 400)
  for (const ratio of ratios) assert.ok(Math.abs(ratio - 100) < 1, `${ratio} J a request`)
})

test('a server that says when it began is counted from there on after a restart, and what it lost is unaccounted', async () => {
  await using server = await InferenceServer.start()
  const one = scene(machine(), { url: server.url, preset: 'vllm', boundary: 'machine' })
  const { rig, live } = one
  server.startedUnixS = rig.clock.wallMs / 1e3 - 100
  server.serve(50)
  await live(20, () => server.serve(1))
  // It dies in the 2nd second after a look, with tokens that nobody saw, and is back in the 4th.
  await live(5, (second) => {
    if (second <= 2) server.serve(1)
    if (second === 4) server.restart(rig.clock.wallMs / 1e3)
    if (second > 4) server.serve(10)
  })
  await live(20, () => server.serve(1))
  rig.passes(10)
  const { total, unaccountedNs, restarts } = one.shown
  assert.deepEqual([total.units.request, inSeconds(unaccountedNs), restarts], [15 + 10 + 20, 4, 1])
  assert.equal(joulesOf(total), 500 * (15 + 1 + 20))
})

test('a restart that outgrows the old count is seen by its start, and one of an older process is another server', async () => {
  await using server = await InferenceServer.start()
  const one = scene(machine(), { url: server.url, preset: 'vllm', boundary: 'machine' })
  const { rig, live } = one
  const oldStart = rig.clock.wallMs / 1e3 - 100
  server.startedUnixS = oldStart
  server.serve(5)
  await live(5)
  server.restart(rig.clock.wallMs / 1e3)
  server.serve(8)
  await live(5)
  rig.passes(10)
  assert.equal(one.shown.total.units.request, 8)
  server.restart(oldStart)
  server.serve(1_000_000)
  await live(5)
  rig.passes(10)
  assert.deepEqual([one.shown.total.units.request, one.shown.restarts], [8, 2])
  assert.equal(inSeconds(one.shown.unaccountedNs), 15)
  server.serve(4)
  await live(5)
  rig.passes(10)
  assert.equal(one.shown.total.units.request, 12)
})

test('without a start a count that falls between two looks counts anew, as increase() has it; after an outage it counts nothing', async () => {
  await using server = await InferenceServer.start()
  const one = scene(machine(), { url: server.url, preset: 'vllm', boundary: 'machine' })
  const { rig, live } = one
  server.serve(100)
  await live(10, () => server.serve(1))
  server.restart(null)
  server.serve(7)
  await live(5)
  rig.passes(10)
  assert.deepEqual(
    [one.shown.total.units, one.shown.restarts],
    [{ request: 12, prompt_token: 12, output_token: 36 }, 1],
  )
  assert.equal(joulesOf(one.shown.total), 500 * 10)
  // Down for 20 s. What the new one has counted by then is not divided by the energy of that time, nor that by it.
  await one.look()
  server.answer = (_, response) => void response.writeHead(503).end()
  await live(20)
  assert.equal(one.shown.isUp, false)
  server.restart(null)
  server.serve(3)
  server.recovers()
  await live(5)
  server.serve(2)
  await live(5)
  rig.passes(10)
  assert.deepEqual([one.shown.total.units.request, one.shown.restarts, one.shown.isUp], [14, 2, true])
  assert.equal(joulesOf(one.shown.total), 500 * (10 + 10 + 5))
  assert.equal(inSeconds(one.shown.unaccountedNs), 25)
  assert.deepEqual(
    one.said
      .filter(({ event }) => event.startsWith('workload_fetch'))
      .map(({ message }) => message.replace(/:\d+:/, ':PORT:')),
    [
      'workloads: chat gives no counters and will be asked again: 127.0.0.1:PORT: HTTP 503',
      'workloads: chat answers again',
    ],
  )
})

test('an outage of the way to the server alone is bridged: its counters and the meters went on', async () => {
  await using server = await InferenceServer.start()
  const one = scene(machine(), { url: server.url, preset: 'vllm', boundary: 'machine' })
  const { rig, live } = one
  await live(10, () => server.serve(1))
  server.says('<!doctype html><title>Sign in</title>', 'text/html')
  await live(30, () => server.serve(1))
  assert.equal(one.shown.total.units.request, 5)
  server.recovers()
  await live(10, () => server.serve(1))
  rig.passes(10)
  assert.deepEqual([one.shown.total.units.request, inSeconds(one.shown.unaccountedNs)], [45, 0])
  assert.equal(joulesPer(one.shown, 'request'), 500)
})

test('of an outage of more than a quarter of an hour the energy is not kept', async () => {
  await using server = await InferenceServer.start()
  const one = scene(machine(), { url: server.url, preset: 'vllm', boundary: 'machine' })
  await one.live(10, () => server.serve(1))
  server.says('', 'text/html')
  await one.live(1_000, () => server.serve(1))
  server.recovers()
  await one.live(10, () => server.serve(1))
  one.rig.passes(10)
  assert.deepEqual([one.shown.total.units.request, inSeconds(one.shown.unaccountedNs)], [10, 1_005])
  assert.equal(joulesPer(one.shown, 'request'), 500)
})

test('a series that appears later counts from zero, and so does every name that a version may have', async () => {
  await using server = await InferenceServer.start('tgi')
  const one = scene(machine(), { url: server.url, preset: 'tgi', boundary: 'machine' })
  const { rig, live } = one
  await live(10)
  server.serve(1, 'batched')
  await live(5)
  server.serve(1, 'single')
  await live(5)
  rig.passes(10)
  assert.deepEqual(one.shown.total.units, { request: 2, prompt_token: 2, output_token: 6 })
  assert.equal(joulesOf(one.shown.total), 500 * 15)
  assert.match(one.said[0]?.message ?? '', /shows no tgi_request_success or tgi_request_success_total/)
  assert.equal(one.said.length, 3)
})

test('another page of metrics in its place for a moment invents nothing, with or without the rest of the counters', async () => {
  await using server = await InferenceServer.start()
  for (const other of ['node_load1 0.5\n', 'vllm:prompt_tokens_total{engine="0",model_name="other"} 5\n']) {
    server.restart(null)
    server.serve(1_000)
    const one = scene(machine(), { url: server.url, preset: 'vllm', boundary: 'machine' })
    await one.live(10, () => server.serve(1))
    server.says(other)
    await one.live(5, () => server.serve(1))
    server.recovers()
    await one.live(10, () => server.serve(1))
    one.rig.passes(10)
    assert.equal(one.shown.total.units.request, 20)
    assert.equal(one.shown.total.units.output_token, 60)
  }
})

test('labels choose among series, and what is configured comes before the preset', async () => {
  await using server = await InferenceServer.start()
  const requests = 'vllm:request_success_total{finished_reason="stop"}'
  const one = scene(machine(), { url: server.url, preset: 'vllm', counters: { requests }, boundary: 'machine' })
  server.serve(1)
  await one.live(5)
  server.serve(10, 'stop')
  server.serve(5, 'abort')
  await one.live(5)
  one.rig.passes(10)
  assert.deepEqual(one.shown.total.units, { request: 10, prompt_token: 15, output_token: 45 })
})

test('a card that falls silent leaves its time without figures, for one workload and not for another', async () => {
  await using server = await InferenceServer.start()
  for (const [accelerators, watts] of [
    [null, 300],
    [[CARD], 200],
  ] as const) {
    const meters = machine()
    const one = scene(meters, { url: server.url, preset: 'vllm', boundary: 'gpu', accelerators })
    await one.live(15, () => server.serve(1))
    const silent = meters[2] ?? assert.fail()
    silent.isFailing = true
    await one.live(30, () => server.serve(1))
    silent.isFailing = false
    await one.live(15, () => server.serve(1))
    one.rig.passes(15)
    const { total, unaccountedNs } = one.shown
    assert.equal(joulesPer(one.shown, 'request'), watts)
    assert.equal(inSeconds(unaccountedNs) + (total.units.request ?? 0), 55)
    if (accelerators !== null) assert.equal(unaccountedNs, 0n)
    else assert.ok(inSeconds(unaccountedNs) >= 30, `${inSeconds(unaccountedNs)} s`)
  }
})

test('without a meter of its accelerators a workload has no figure, and says so once', async () => {
  await using server = await InferenceServer.start()
  const one = scene([wholeMeter('ac_in', constant(500))], { url: server.url, preset: 'vllm', boundary: 'gpu' })
  await one.live(60, () => server.serve(1))
  one.rig.passes(10)
  assert.deepEqual([one.shown.total.units, joulesOf(one.shown.total), one.shown.windows], [{}, 0, []])
  assert.equal(inSeconds(one.shown.unaccountedNs), 55)
  assert.deepEqual(
    one.said.map(({ event }) => event),
    ['workload_unmetered'],
  )
})

test('what a server says wrong is refused as a whole: one bad count, too much, too late', async () => {
  await using server = await InferenceServer.start()
  const one = scene(machine(), { url: server.url, preset: 'vllm', boundary: 'machine' }, { timeoutMs: 2_000 })
  server.serve(1)
  await one.live(5)
  const good = 'vllm:prompt_tokens_total 5\n'
  for (const answer of [
    `${good}vllm:generation_tokens_total NaN\n`,
    `${good}vllm:generation_tokens_total -1\n`,
    `${good}vllm:generation_tokens_total +Inf\n`,
    `${good}vllm:generation_tokens_total 1e300\n`,
    `${good}vllm:generation_tokens_total{x="1\n`,
    `${good}${'#'.repeat(9 << 20)}`,
    Array.from({ length: 10_001 }, (_, id) => `vllm:prompt_tokens_total{id="${id}"} 1\n`).join(''),
    '',
    null,
  ]) {
    if (answer !== null) server.says(answer)
    else server.answer = () => {}
    await one.look()
    assert.equal(one.shown.isUp, false)
  }
  server.recovers()
  server.serve(2)
  await one.live(5)
  one.rig.passes(10)
  assert.deepEqual([one.shown.total.units.prompt_token, one.shown.isUp], [2, true])
})

test('a server that is down is asked each minute at least', async () => {
  const one = scene(machine(), { url: 'http://127.0.0.1:1/metrics', preset: 'vllm' })
  let waitMs = 0
  for (let look = 0; look < 10; look++) waitMs = await one.look()
  assert.equal(waitMs, 45_000)
})

test('a change of basis leaves both totals, and grams of a window of both are no sum', async () => {
  await using server = await InferenceServer.start()
  const one = scene(machine(), { url: server.url, preset: 'vllm', boundary: 'machine', windows: ['10s'] })
  one.rates.now = { ...RATES, mgPerKwh: 360_000n }
  await one.live(15, () => server.serve(1))
  one.rates.now = { ...RATES, basis: 'direct', mgPerKwh: 180_000n }
  await one.live(10, () => server.serve(1))
  one.rig.passes(5)
  // 500 W · 10 s at 100 and at 50 µg/J.
  assert.deepEqual(one.shown.total.locationNg, { 'life-cycle': 500_000_000n, direct: 250_000_000n })
})
