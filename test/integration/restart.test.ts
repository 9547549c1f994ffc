import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LedgerState } from '../../src/model/batch.ts'
import type { CounterChannel } from '../../src/model/channel.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { count, counterChannel, estimateChannel, integration, power, seconds, TestClock, watts } from './machine.ts'

/** Of the machine, 300 W, and of its processor, 100 W. */
const bmc = (intervalS: number) =>
  counterChannel('bmc', {
    sensor: 'ipmi',
    scope: 'ac_in',
    modulus: null,
    hardware: null,
    nodeMeter: 'dell',
    intervalNs: seconds(intervalS),
  })
const processor = counterChannel('package-0', { modulus: null })
const POWER_W = { bmc: 300, 'package-0': 100 }

/** Two runs of some minutes on a machine whose counters go on between them. No reading is as early as the first pass. */
function runTwice(channels: readonly CounterChannel[], awayS: number, isSilent = false): LedgerState {
  const clock = new TestClock()
  const sinceNs = clock.ns
  const run = (restored: LedgerState | null) => {
    const node = integration(clock, restored)
    for (const channel of channels) node.setChannels(channel.sensor, [channel])
    node.setChannels('estimate', [estimateChannel])
    node.openAccount()
    node.tick()
    for (let second = 1; second <= 150; second++) {
      clock.advance(NS_PER_S)
      for (const { sensor, device, intervalNs } of channels) {
        const isDue = (clock.ns - sinceNs) % intervalNs === 0n
        if (!isDue || (isSilent && sensor === 'ipmi' && restored !== null)) continue
        const drawnUj = ((clock.ns - sinceNs) * watts(POWER_W[device as keyof typeof POWER_W])) / NS_PER_S
        node.accept(sensor, [{ first: 0, readings: [count(clock.ns, drawnUj)] }])
      }
      node.accept('estimate', [{ first: 0, readings: [power(clock.ns, watts(50))] }])
      node.tick()
    }
    return node.collect(true).state
  }
  const first = run(null)
  clock.advance(seconds(awayS))
  return run(first)
}

const channelUj = ({ channels }: LedgerState, sensor: string) =>
  channels.find(({ key }) => key.startsWith(sensor))?.energyUj ?? assert.fail(`no ${sensor}`)
const S_LONG = [1, 10, 100, 599, 601, 4_000, 100_000]

for (const intervalS of [1, 5, 30]) {
  test(`the only meter of a machine, read each ${intervalS} s: after a restart of any length the total is what it counted`, () => {
    for (const awayS of S_LONG) {
      const state = runTwice([bmc(intervalS)], awayS)
      const { measured } = state.node.energyUj
      assert.ok(measured > watts(300) * BigInt(awayS), `${measured} µJ after ${awayS} s`)
      assert.equal(measured, channelUj(state, 'ipmi'), `after ${awayS} s`)
    }
  })

  test(`the same with a processor's meter inside it: ${intervalS} s`, () => {
    for (const awayS of S_LONG) {
      const state = runTwice([bmc(intervalS), processor], awayS)
      const { measured, derived } = state.node.energyUj
      const beforeUj = BigInt(intervalS) * watts(100)
      const wholeUj = channelUj(state, 'ipmi')
      assert.ok(measured >= wholeUj && measured <= wholeUj + beforeUj, `${measured} µJ of ${wholeUj}`)
      assert.equal(derived, 0n)
    }
  })
}

test('the meter of a part is bridged in the total after a restart of any length', () => {
  for (const awayS of S_LONG) {
    const state = runTwice([processor], awayS)
    assert.equal(state.node.energyUj.measured, channelUj(state, 'rapl'), `after ${awayS} s`)
    assert.equal(state.node.energyUj.measured > watts(100) * BigInt(awayS), true)
  }
})

test('a meter of the machine that is silent after a restart holds nobody up for longer than while running', () => {
  for (const awayS of S_LONG) {
    const { node, channels } = runTwice([bmc(5), processor], awayS, true)
    const partUj = channels.find(({ key }) => key.startsWith('rapl'))?.energyUj ?? 0n
    assert.ok(node.energyUj.measured >= partUj + watts(200) * 140n, `${node.energyUj.measured} µJ after ${awayS} s`)
    const modelledUj = node.energyUj.estimated + node.energyUj.derived
    assert.ok(modelledUj > watts(20) * BigInt(awayS), `${modelledUj} µJ of what no meter told`)
  }
})
