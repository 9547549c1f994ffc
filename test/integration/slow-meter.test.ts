import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountRig, Meter, meter, sumOf, type Truth } from './account-rig.ts'
import { counterChannel, power, powerChannel, seconds, TestClock, watts } from './machine.ts'

const BEGIN_S = Number(new TestClock().ns / seconds(1))
const EACH_S = 60

/** Watts of the processor in each second since boot: another load each twenty. */
const packageW = (second: number): number => 40 + Math.round(160 * ((Math.floor(second / 20) * 0.618) % 1))
const wholeW = (second: number): number => 100 + 1.3 * packageW(second)

function truthOf(wattsAt: (second: number) => number): Truth {
  const sumsUj = [0n]
  return (ns) => {
    const second = Number(ns / seconds(1))
    while (sumsUj.length <= second) sumsUj.push((sumsUj.at(-1) ?? 0n) + watts(wattsAt(sumsUj.length)))
    return sumsUj[second] ?? 0n
  }
}

/** Tells once a minute what it counted, or the mean of that minute. */
class SlowMeter extends Meter {
  override read(atNs: bigint): void {
    if ((Number(atNs / seconds(1)) - BEGIN_S) % EACH_S !== 0) return
    if (this.channel.kind === 'counter') super.read(atNs)
    else this.hold(power(atNs, (this.truth(atNs) - this.truth(atNs - seconds(EACH_S))) / BigInt(EACH_S)))
  }
}

const common = {
  sensor: 'slow',
  nodeMeter: 'slow',
  hardware: null,
  scope: 'ac_in',
  intervalNs: seconds(EACH_S),
} as const
const KINDS = {
  counter: counterChannel('input', { ...common, modulus: null, maxPowerUw: watts(5_000) }),
  'power meter': powerChannel('input', common),
}

for (const [kind, channel] of Object.entries(KINDS)) {
  test(`between two readings of a ${kind} of a minute power follows the chips, and the energy of each minute is the meter's`, () => {
    const slow = new SlowMeter(channel, truthOf(wholeW))
    const rig = new AccountRig([meter('rapl', 'counter', 'socket-0', truthOf(packageW), 'package'), slow])
    rig.passes(45 * EACH_S)
    const errors = { shown: 0, flat: 0 }
    const totals: { nodeUj: bigint; meterUj: bigint; atNs: bigint }[] = []
    for (let minute = 0; minute < 10; minute++) {
      const fromS = Number(rig.clock.ns / seconds(1))
      const meanW = Array.from({ length: EACH_S }, (_, s) => wholeW(fromS + s + 1)).reduce((a, b) => a + b) / EACH_S
      for (let s = 1; s <= EACH_S; s++) {
        rig.pass()
        const trueW = wholeW(fromS + s)
        errors.shown += Math.abs(Number(rig.node.gauges().node?.powerUw ?? 0n) / 1e6 / trueW - 1) / EACH_S / 10
        errors.flat += Math.abs(meanW / trueW - 1) / EACH_S / 10
      }
      const { node, channels } = rig.collect().state
      const { energyUj: meterUj = 0n, unsettled } = channels.find(({ key }) => key === slow.key) ?? {}
      const nodeUj = Object.values(node.energyUj).reduce((sum, energyUj) => sum + energyUj, 0n)
      // What the account has not settled of the meter's newest minute is still to come.
      totals.push({ nodeUj: nodeUj + (unsettled?.energyUj ?? 0n), meterUj, atNs: rig.clock.ns })
      assert.equal(sumOf(node.parts), nodeUj)
    }
    for (const [n, { nodeUj, meterUj }] of totals.entries()) {
      const before = totals[n - 1]
      if (before) assert.equal(nodeUj - before.nodeUj, meterUj - before.meterUj, `minute ${n}`)
    }
    assert.ok(errors.shown < 0.03 && errors.flat > 0.15, `${errors.shown} by the model, ${errors.flat} by the mean`)
  })
}
