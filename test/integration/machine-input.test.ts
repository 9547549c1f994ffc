import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { REMAINDER_KEY } from '../../src/integration/remainder-channel.ts'
import { createSupply } from '../../src/integration/supply.ts'
import type { Channel } from '../../src/model/channel.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import {
  count,
  counterChannel,
  estimateChannel,
  integration,
  power,
  powerChannel,
  TestClock,
  watts,
} from './machine.ts'

const SUPPLY = createSupply({ rated_w: 800, count: 2, rating: 'gold', volts: 230 }, null)

/** Runs channels at a power for 20 s and gives what was booked. */
function run(sources: readonly (readonly [Channel, number])[], { supply = SUPPLY, memoryGb = 0 } = {}) {
  const clock = new TestClock()
  const node = integration(clock, null, 'boot-1', 'auto', { supply, memoryGb })
  node.setChannels(
    'test',
    sources.map(([channel]) => channel),
  )
  node.openAccount()
  for (let tick = 0; tick < 21; tick++) {
    clock.advance(NS_PER_S)
    const readings = sources.map(([{ kind }, w]) =>
      kind === 'power' ? power(clock.ns, watts(w)) : count(clock.ns, (clock.ns / 1_000n) * BigInt(w)),
    )
    node.accept('test', [{ first: 0, readings }])
    node.tick()
  }
  const { state, nodeRows } = node.collect()
  const { measured, derived, estimated } = state.node.energyUj
  const channels = new Map(state.channels.map(({ key, energyUj }) => [key, energyUj]))
  const uncertaintyUj = nodeRows.reduce((sum, row) => sum + row.uncertaintyUj, 0n)
  return { measured, derived, estimated, channels, uncertaintyUj, remainderUj: channels.get(REMAINDER_KEY) ?? 0n }
}

const wide = { intervalNs: NS_PER_S, modulus: null, maxPowerUw: watts(100_000) }
const psys = counterChannel('psys', {
  ...wide,
  scope: 'psys',
  nodeMeter: { meter: 'psys', rank: 10 },
  component: false,
})
const lenovo = counterChannel('bmc', {
  ...wide,
  scope: 'dc_node',
  nodeMeter: { meter: 'oem', rank: 10 },
  component: false,
})
const cpu = counterChannel('package-0', wide)
const dram = counterChannel('package-0', { ...wide, scope: 'dram' })
const gpu = counterChannel('GPU-1', { ...wide, sensor: 'nvml', scope: 'gpu' })

test('a meter behind the supply: the account is at the input and derived, the channel keeps what it measured', () => {
  for (const channel of [psys, lenovo]) {
    const { measured, derived, channels, remainderUj } = run([[channel, 800]])
    // 50 % of 1600 W: Gold has 92 %. How many stretches it is settled in decides what is rounded.
    assert.ok(derived - 20n * 869_565_217n <= 10n)
    assert.equal(measured, 0n)
    assert.equal(channels.get(`rapl/${channel.scope}/${channel.device}` as never), 20n * watts(800))
    assert.equal(remainderUj, derived - 20n * watts(800))
  }
})

test('a meter at the input and the estimate, which is fitted to such meters, pass no supply', () => {
  const dcmi = powerChannel('bmc', { intervalNs: NS_PER_S })
  const measured = run([[dcmi, 300]])
  assert.deepEqual([measured.measured % watts(300), measured.derived, measured.remainderUj], [0n, 0n, 0n])
  const estimated = run([[estimateChannel, 150]])
  assert.deepEqual([estimated.estimated % watts(150), estimated.derived, estimated.remainderUj], [0n, 0n, 0n])
})

test("of a usual supply the host's total is Boavizta's, and an accelerator adds the loss alone", () => {
  const supply = createSupply({ rated_w: null, count: 2, rating: null, volts: 230 }, null)
  const host = run(
    [
      [cpu, 100],
      [dram, 20],
    ],
    { supply },
  )
  assert.equal(host.derived, 20n * 159_600_000n)
  const withGpu = run(
    [
      [cpu, 100],
      [dram, 20],
      [gpu, 460],
    ],
    { supply },
  )
  assert.equal(withGpu.derived - host.derived, 20n * watts(500))
})

test('memory without a meter passes the supply too', () => {
  const supply = createSupply({ rated_w: null, count: 2, rating: null, volts: 230 }, null)
  const { derived } = run([[cpu, 100]], { supply, memoryGb: 100 })
  // (100 W + 28.4 W) · 1.33
  assert.equal(derived, 20n * 170_772_000n)
})

test('parts and remainder are the whole, to the microjoule', () => {
  const part = fc.integer({ min: 1, max: 900 })
  const rated = fc.integer({ min: 200, max: 3_000 })
  fc.assert(
    fc.property(part, part, part, rated, fc.integer({ min: 0, max: 500 }), (a, b, c, rated_w, memoryGb) => {
      const supply = createSupply({ rated_w, count: 2, rating: 'platinum', volts: 230 }, null)
      const { derived, channels, remainderUj } = run(
        [
          [cpu, a],
          [dram, b],
          [gpu, c],
        ],
        { supply, memoryGb },
      )
      const partsUj = [...channels].filter(([key]) => key !== REMAINDER_KEY).reduce((sum, [, uj]) => sum + uj, 0n)
      assert.equal(partsUj, 20n * watts(a + b + c))
      assert.equal(partsUj + remainderUj, derived)
      assert.ok(remainderUj > 0n)
    }),
    { numRuns: 30 },
  )
})

test('the uncertainty of the account has that of the loss in it', () => {
  const { uncertaintyUj, derived } = run([[psys, 800]])
  // 4 % of the channel, and 0.4 / √3 of a loss of 8 %.
  const expected = Math.hypot(0.04, 0.08 * (0.4 / Math.sqrt(3)))
  assert.ok(Math.abs(Number(uncertaintyUj) / Number(derived) - expected) < 1e-4)
})
