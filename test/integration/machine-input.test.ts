import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSupply } from '../../src/integration/supply.ts'
import type { Channel } from '../../src/model/channel.ts'
import type { Part } from '../../src/model/part.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'
import { count, counterChannel, integration, power, powerChannel, TestClock, watts } from './machine.ts'

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
  const parts = Map.groupBy(state.node.parts, ({ part }) => part)
  const partUj = (part: Part) => (parts.get(part) ?? []).reduce((sum, { energyUj }) => sum + energyUj, 0n)
  return { measured, derived, estimated, channels, uncertaintyUj, partUj }
}

const wide = { intervalNs: NS_PER_S, modulus: null, maxPowerUw: watts(100_000) }
const psys = counterChannel('psys', {
  ...wide,
  scope: 'psys',
  nodeMeter: 'psys',
  hardware: null,
})
const lenovo = counterChannel('bmc', {
  ...wide,
  scope: 'dc_node',
  nodeMeter: 'oem',
  hardware: null,
})
const cpu = counterChannel('package-0', wide)
const dram = counterChannel('package-0', { ...wide, scope: 'dram' })
const gpu = counterChannel('GPU-1', { ...wide, sensor: 'nvml', scope: 'gpu' })

test('a meter behind the supply is measured, and the loss is derived from the curve of the supply', () => {
  for (const channel of [psys, lenovo]) {
    const { measured, derived, channels, partUj } = run([[channel, 800]])
    // 50 % of 1600 W: Gold has 92 %.
    assert.equal(derived, 20n * 69_565_217n)
    assert.equal(measured, 20n * watts(800))
    assert.equal(channels.get(`rapl/${channel.scope}/${channel.device}` as never), 20n * watts(800))
    assert.deepEqual([partUj('supply_loss'), partUj('rest')], [derived, measured])
  }
})

test('a meter at the input passes no supply', () => {
  const dcmi = powerChannel('bmc', { intervalNs: NS_PER_S })
  const { measured, derived, estimated, partUj } = run([[dcmi, 300]])
  assert.deepEqual([measured % watts(300), derived, estimated, partUj('supply_loss')], [0n, 0n, 0n, 0n])
})

const UNKNOWN_SUPPLY = createSupply({ rated_w: null, count: 2, rating: null, volts: 230 }, null)

test("of a usual supply the host's total is Boavizta's, and an accelerator adds the loss alone", () => {
  const supply = UNKNOWN_SUPPLY
  const host = run(
    [
      [cpu, 100],
      [dram, 20],
    ],
    { supply },
  )
  assert.equal(host.measured, 20n * watts(120))
  assert.equal(host.measured + host.estimated, 20n * 159_600_000n)
  const withGpu = run(
    [
      [cpu, 100],
      [dram, 20],
      [gpu, 460],
    ],
    { supply },
  )
  assert.equal(withGpu.measured - host.measured, 20n * watts(460))
  assert.equal(withGpu.estimated - host.estimated, 20n * watts(40))
  assert.equal(withGpu.partUj('accelerators'), 20n * watts(460))
})

test('memory without a meter passes the supply too', () => {
  const { measured, estimated, partUj } = run([[cpu, 100]], { supply: UNKNOWN_SUPPLY, memoryGb: 100 })
  // (100 W + 28.4 W) · 1.33
  assert.equal(measured + estimated, 20n * 170_772_000n)
  assert.equal(partUj('memory'), 20n * 28_400_000n)
})

test('the parts are the whole, to the microjoule', () => {
  const part = fc.integer({ min: 1, max: 900 })
  const rated = fc.integer({ min: 200, max: 3_000 })
  fc.assert(
    fc.property(part, part, part, rated, fc.integer({ min: 0, max: 500 }), (a, b, c, rated_w, memoryGb) => {
      const supply = createSupply({ rated_w, count: 2, rating: 'platinum', volts: 230 }, null)
      const { measured, derived, estimated, partUj } = run(
        [
          [cpu, a],
          [dram, b],
          [gpu, c],
        ],
        { supply, memoryGb },
      )
      assert.equal(measured, 20n * watts(a + b + c))
      assert.equal(partUj('processors') + partUj('memory') + partUj('accelerators'), measured)
      assert.equal(partUj('rest'), estimated)
      assert.equal(partUj('supply_loss'), derived)
      assert.ok(estimated > 0n && derived > 0n)
    }),
    { numRuns: runs(30) },
  )
})

test('the uncertainty of the account has that of the loss in it', () => {
  const { uncertaintyUj, measured, derived } = run([[psys, 800]])
  // 4 % of the channel, and 0.4 / √3 of a loss of 8 %.
  const expected = Math.hypot(0.04, 0.08 * (0.4 / Math.sqrt(3)))
  assert.ok(Math.abs(Number(uncertaintyUj) / Number(measured + derived) - expected) < 1e-4)
})
