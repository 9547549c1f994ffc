import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChannelAccount } from '../../src/integration/channel-account.ts'
import { CounterIntegrator } from '../../src/integration/counter-integrator.ts'
import { PowerIntegrator } from '../../src/integration/power-integrator.ts'
import type { GapRow } from '../../src/model/batch.ts'
import type { Reading } from '../../src/model/reading.ts'
import { NS_PER_MS, NS_PER_S } from '../../src/model/units.ts'
import {
  count,
  counterChannel,
  failed,
  integration,
  power,
  powerChannel,
  seconds,
  TestClock,
  watts,
} from './machine.ts'

/** A clock as machines have it: nanoseconds that never fall on whole milliseconds. */
function jitter(clock: TestClock, second: number): void {
  const ns = NS_PER_S + BigInt((second * 7_919_333) % 1_600_000) - 800_000n
  const unixNs = BigInt(clock.wallMs) * NS_PER_MS + (clock.ns % NS_PER_MS)
  clock.ns += ns
  clock.wallMs = Number((unixNs + ns) / NS_PER_MS)
}

const ofNode = (gaps: readonly GapRow[], reason: string) =>
  gaps.filter((gap) => gap.key === null && gap.reason === reason)

test('a time without a source is one gap, however the clocks round', () => {
  const clock = new TestClock()
  const node = integration(clock)
  node.openAccount()
  const gaps: GapRow[] = []
  for (let second = 1; second <= 100; second++) {
    jitter(clock, second)
    node.tick()
    if (second % 10 === 0) gaps.push(...node.collect().gaps)
  }
  const absent = ofNode(gaps, 'absent')
  assert.equal(absent.length, 10, 'one row for each flush')
  for (const [index, { startedUnixMs }] of absent.entries()) {
    if (index > 0) assert.equal(startedUnixMs, absent[index - 1]?.endedUnixMs, 'which the ledger can make one')
  }
})

test('a gap across a jump of the wall clock never ends before it began', () => {
  const clock = new TestClock()
  const node = integration(clock)
  node.openAccount()
  for (let second = 1; second <= 9; second++) {
    jitter(clock, second)
    if (second === 5) clock.wallMs -= 7_200_000
    node.tick()
  }
  for (const { startedUnixMs, endedUnixMs } of node.collect().gaps) {
    assert.ok(endedUnixMs > startedUnixMs)
    assert.ok(endedUnixMs - startedUnixMs < 9_010)
  }
})

const slow = (reading: Reading, halfNs: bigint): Reading => ({
  ...reading,
  beforeNs: reading.beforeNs - halfNs,
  afterNs: reading.afterNs + halfNs,
})

test('a reading that was under way while a gap was declared does not reach back into it', () => {
  const channel = powerChannel('bmc')
  const meter = new PowerIntegrator(channel, null)
  meter.accept(power(seconds(0), watts(100)))
  assert.equal(meter.expire(seconds(30))?.endNs, seconds(30))
  assert.equal(meter.accept(slow(power(seconds(29), watts(100)), seconds(2))).gap, undefined)
  assert.equal(meter.accept(power(seconds(34), watts(100))).posting?.startNs, seconds(30))

  const register = new CounterIntegrator(counterChannel('package-0'), null)
  register.accept(count(seconds(1), 0n))
  assert.equal(register.expire(seconds(200))?.endNs, seconds(200))
  assert.equal(register.accept(slow(count(seconds(199), 5n), seconds(2))).gap, undefined)
  const postings = [201, 202, 203].flatMap((s) => register.accept(count(seconds(s), BigInt(s))).posting ?? [])
  assert.equal(postings[0]?.startNs, seconds(200))
})

test('a restart does not stretch unsettled energy over a gap that came after it', () => {
  const clock = new TestClock()
  const gpu = counterChannel('GPU-1', {
    sensor: 'nvml',
    scope: 'gpu',
    modulus: null,
    unitUj: { numerator: 1_000n, denominator: 1n },
  })
  const first = integration(clock)
  first.setChannels('nvml', [gpu])
  for (const value of [50_000n, 150_000n, 250_000n, 350_000n, 5n, 100_005n, 200_005n]) {
    clock.advance(NS_PER_S)
    first.accept('nvml', [{ first: 0, readings: [count(clock.ns, value)] }])
    first.tick()
  }
  const state = first.collect().state.channels[0]
  assert.equal(state?.resets, 1)
  assert.equal(state?.last?.atNs, clock.ns)
  assert.equal(state?.unsettled, null)
})

test('a reboot is a gap from the last moment that was accounted for', () => {
  const clock = new TestClock()
  const dell = counterChannel('bmc', {
    sensor: 'ipmi',
    modulus: null,
    unitUj: { numerator: 3_600_000_000n, denominator: 1n },
  })
  const first = integration(clock)
  first.setChannels('ipmi', [dell])
  first.openAccount()
  for (let second = 0; second < 60; second++) {
    clock.advance(NS_PER_S)
    first.accept('ipmi', [{ first: 0, readings: [count(clock.ns, second < 30 ? 7n : 8n)] }])
    first.tick()
  }
  const { state } = first.collect()
  const rebooted = new TestClock()
  rebooted.wallMs = clock.wallMs + 90_000
  rebooted.ns = seconds(20)
  const second = integration(rebooted, state, 'boot-2')
  second.setChannels('ipmi', [dell])
  const [node, channel] = second.collect().gaps
  assert.equal(channel?.reason, 'reboot')
  assert.equal((channel?.endedUnixMs ?? 0) - (channel?.startedUnixMs ?? 0), 119_000, 'its last change was 29 s before')
  assert.equal(second.collect().state.channels[0]?.unaccountedNs, seconds(119))
  assert.equal(node?.startedUnixMs, clock.wallMs - Number((clock.ns - (state.node.settledNs ?? 0n)) / NS_PER_MS))
})

test('a register of which a busy machine told nothing at a start is bridged when it does', () => {
  const channel = counterChannel('package-0')
  const joulesAt = (account: ChannelAccount, s: number) => account.accept(count(seconds(s), watts(190) * BigInt(s)))
  const before = new ChannelAccount(channel, null)
  for (const s of [1, 2, 3, 4]) joulesAt(before, s)
  const unidentified = { ...channel, unitUj: { numerator: 1n, denominator: 1n }, modulus: null, isUnidentified: true }
  const after = new ChannelAccount(unidentified, before.state)
  after.accept(failed(seconds(50)))
  after.expire(seconds(51))
  assert.deepEqual(after.state, before.state, 'so does the ledger keep it')
  after.redefine(channel)
  after.redefine(unidentified)
  after.redefine(channel)
  for (const s of [52, 53, 54]) joulesAt(after, s)
  assert.equal(after.state.energyUj, watts(190) * 53n)
  assert.equal(after.state.unaccountedNs, before.state.unaccountedNs)
})
