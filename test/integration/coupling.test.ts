import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Coupling } from '../../src/integration/coupling.ts'
import type { LeafEnergy } from '../../src/model/attribution.ts'
import fc, { runs } from '../property.ts'
import { AccountRig, constant, meter, type Truth, wholeMeter } from './account-rig.ts'
import { seconds, TestClock } from './machine.ts'

const BEGIN_NS = new TestClock().ns
const LEARNING_S = 900
const LASTS_S = 4000

/** Watts of the processor in each second: another load each 20 seconds. */
const LOADS_W = Array.from(
  { length: LASTS_S },
  (_, second) => 40 + Math.round(160 * ((Math.floor(second / 20) * 0.618) % 1)),
)

/** Energy at a time, by the watts of each second since the beginning; the first one's before it. */
function truthOf(wattsAt: (second: number) => number): Truth {
  const sumsUj = [0n]
  for (let second = 0; second < LASTS_S; second++) {
    sumsUj.push((sumsUj.at(-1) ?? 0n) + BigInt(Math.round(wattsAt(second) * 1e6)))
  }
  return (ns) => {
    const since = ns - BEGIN_NS + seconds(100)
    const second = Number(since / seconds(1)) - 100
    const before = second < 0 ? BigInt(second) * BigInt(Math.round(wattsAt(0) * 1e6)) : (sumsUj[second] ?? 0n)
    return (
      10n ** 12n + before + ((since % seconds(1)) * BigInt(Math.round(wattsAt(Math.max(second, 0)) * 1e6))) / seconds(1)
    )
  }
}

const packageW = (second: number): number => LOADS_W[second] ?? 0
const wholeW = (second: number): number => 100 + 1.3 * packageW(second)

function learned(whole: (second: number) => number = wholeW, learningS = LEARNING_S) {
  const chips = meter('rapl', 'counter', 'socket-0', truthOf(packageW), 'package')
  const input = wholeMeter('ac_in', truthOf(whole))
  const rig = new AccountRig([chips, input])
  rig.passes(learningS)
  rig.collect()
  return { rig, chips, input }
}

const restOf = (rig: AccountRig, quality: string): number =>
  Number(rig.state.parts.find((one) => one.part === 'rest' && one.quality === quality)?.energyUj ?? 0n) / 1e6

const totalJ = (rig: AccountRig): number =>
  Number(Object.values(rig.state.energyUj).reduce((sum, energyUj) => sum + energyUj, 0n)) / 1e6

const sumW = (of: (second: number) => number, from: number, to: number): number =>
  Array.from({ length: to - from }, (_, index) => of(from + index)).reduce((sum, one) => sum + one, 0)

test('while the meter of the machine is silent, the rest is what it would have left', () => {
  const { rig, input } = learned()
  input.isFailing = true
  rig.passes(30)
  const [beforeJ, estimatedJ] = [totalJ(rig), restOf(rig, 'estimated')]
  const fromNs = rig.clock.ns
  rig.passes(600)
  const second = Number((fromNs - BEGIN_NS) / seconds(1))
  const trueJ = sumW(wholeW, second, second + 600)
  assert.ok(Math.abs((totalJ(rig) - beforeJ) / trueJ - 1) < 0.01, `${totalJ(rig) - beforeJ} J of ${trueJ} J`)
  assert.ok(restOf(rig, 'derived') > 0)
  assert.equal(restOf(rig, 'estimated'), estimatedJ)
  const { node } = rig.node.gauges()
  assert.ok(Math.abs(Number(node?.powerUw ?? 0n) / 1e6 / wholeW(second + 599) - 1) < 0.05)
})

test('a machine that never had a meter keeps the modelled rest', () => {
  const rig = new AccountRig([meter('rapl', 'counter', 'socket-0', truthOf(packageW), 'package')])
  rig.passes(LEARNING_S)
  assert.equal(restOf(rig, 'derived'), 0)
  assert.ok(restOf(rig, 'estimated') > 0)
  assert.deepEqual(rig.collect().state.nodeModels, [])
})

test('what was learned outlives a restart, and a meter that does not come back', () => {
  const { rig, input } = learned()
  rig.restart()
  rig.open(input, false)
  rig.passes(60)
  const beforeJ = restOf(rig, 'derived')
  rig.passes(60)
  assert.ok(restOf(rig, 'derived') > beforeJ)
})

test('five minutes of a meter are not enough', () => {
  const { rig, input } = learned(wholeW, 300)
  input.isFailing = true
  rig.passes(120)
  assert.equal(restOf(rig, 'derived'), 0)
  assert.ok(restOf(rig, 'estimated') > 0)
})

test('without the processor the machine is not coupled', () => {
  const { rig, input, chips } = learned()
  const gpu = meter('nvml', 'counter', '0000:01', constant(50))
  rig.open(input, false)
  rig.passes(60)
  rig.open(chips, false)
  rig.node.setChannels('nvml', [gpu.channel])
  const beforeJ = restOf(rig, 'derived')
  rig.passes(60)
  assert.equal(restOf(rig, 'derived'), beforeJ)
})

test('what a model says of memory is within what the model of the machine leaves to it', () => {
  const { rig } = learned()
  const coupling = new Coupling('auto', rig.collect().state.nodeModels, BEGIN_NS)
  const modelled: LeafEnergy = { leaf: 'memory/socket-0', part: 'memory', quality: 'estimated', energyUj: 900_000_000n }
  const { shares = [], restUj } = coupling.restOf([share(100_000_000n), modelled], span) ?? {}
  const wholeW = Number(shares.reduce((sum, { energyUj }) => sum + energyUj, restUj ?? 0n)) / 1e6
  assert.ok(Math.abs(wholeW - 230) < 5, `${wholeW} W`)
  assert.equal(shares[0]?.energyUj, 100_000_000n)
})

test('between two readings of a slow meter, power follows the chips', () => {
  const { rig } = learned()
  const { nodeModels } = rig.collect().state
  const slow = { ...wholeMeter('ac_in', constant(0)).channel, intervalNs: seconds(60) }
  const whole = { name: 'ac_in', channel: slow, isBehindSupply: false }
  const coupling = new Coupling('auto', nodeModels, BEGIN_NS)
  const powerW = (chipsW: number) =>
    Number(coupling.powerUw(whole, [share(BigInt(chipsW) * 1_000_000n)], BEGIN_NS) ?? 0n) / 1e6
  assert.equal(powerW(100), 0, 'nothing is known of the last reading')
  const row = (index: number) => ({
    meter: whole,
    members: 1,
    factors: ['ipmi'],
    startNs: BEGIN_NS + seconds(60 * index),
    endNs: BEGIN_NS + seconds(60 * index + 60),
    wholeUj: BigInt(Math.round((100 + 1.3 * (40 + 10 * (index % 9)) + 7) * 60e6)),
    shares: [share(BigInt(40 + 10 * (index % 9)) * 60_000_000n)],
  })
  for (let index = 0; index < 45; index++) coupling.learn(row(index), [])
  for (const chipsW of [60, 100]) assert.ok(Math.abs(powerW(chipsW) - (107 + 1.3 * chipsW)) < 6, `${powerW(chipsW)} W`)
})

test('a change that stays is an event, and counted', () => {
  const { rig } = learned((second) => wholeW(second) + (second < 1200 ? 0 : 60), 1200)
  assert.deepEqual(
    rig.collect().state.nodeModels.map(({ changes }) => changes),
    [0n],
  )
  rig.passes(70)
  const { state } = rig.collect()
  assert.deepEqual(
    state.nodeModels.map(({ meter, changes }) => [meter, changes]),
    [['ac_in', 1n]],
  )
  const told = rig.events.filter((event) => event.startsWith('model_changed:'))
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /^model_changed: ac_in tells \d+ W more than the meters of the parts would have it/)
})

test('what comes and goes unseen is counted each time, and told once in an hour', () => {
  const { rig } = learned(
    (second) => wholeW(second) + (second > 1200 && Math.floor(second / 300) % 2 === 0 ? 80 : 0),
    3000,
  )
  const [state] = rig.collect().state.nodeModels
  assert.ok((state?.changes ?? 0n) >= 3n, `${state?.changes} changes`)
  assert.equal(rig.events.filter((event) => event.startsWith('model_changed:')).length, 1)
})

test('the difference from the model is shown while there is a meter to compare', () => {
  const { rig, input } = learned()
  assert.ok(Math.abs(rig.node.gauges().modelResidualW ?? 1000) < 60)
  input.isFailing = true
  rig.passes(200)
  assert.equal(rig.node.gauges().modelResidualW, null)
})

test('a machine with other chips is learned anew, and not before it has had them for ten minutes', () => {
  const chips = meter('rapl', 'counter', 'socket-0', truthOf(packageW), 'package')
  const card = meter('nvml', 'counter', '0000:01', constant(20))
  const rig = new AccountRig([chips, wholeMeter('ac_in', truthOf(wholeW)), card])
  rig.open(card, false)
  rig.passes(LEARNING_S)
  const leaves = () => rig.collect().state.nodeModels.map(({ learned }) => JSON.parse(learned).leaves)
  const before = ['processors/socket-0']
  assert.deepEqual(leaves(), [before])
  rig.open(card, true)
  rig.passes(580)
  assert.deepEqual(leaves(), [before])
  rig.passes(LEARNING_S)
  assert.deepEqual(leaves(), [['accelerators/0000:01', ...before]])
})

test('a meter that stands still is told, and not learned', () => {
  const { rig, input } = learned(() => 300)
  assert.deepEqual(
    rig.events.filter((event) => event.startsWith('meter_not_learned:')),
    ['meter_not_learned: ac_in does not go with the meters of the parts: frozen'],
  )
  input.isFailing = true
  rig.passes(60)
  assert.equal(restOf(rig, 'derived'), 0)
})

const span = { startNs: BEGIN_NS, endNs: BEGIN_NS + seconds(1) }
const share = (energyUj: bigint, leaf = 'processors/socket-0'): LeafEnergy => ({
  leaf,
  part: leaf.split('/')[0] as LeafEnergy['part'],
  quality: 'measured',
  energyUj,
})

test('only the meter that is to count is stood in for', () => {
  const saved = learned().rig.collect().state.nodeModels
  const shares = [share(100_000_000n)]
  const restOf = (wanted: string) => new Coupling(wanted, saved, BEGIN_NS).restOf(shares, span)
  assert.notEqual(restOf('auto'), null)
  assert.notEqual(restOf('ac_in'), null)
  for (const wanted of ['components', 'estimate', 'dcmi']) assert.equal(restOf(wanted), null, wanted)
})

test('the uncertainty grows while the meter is silent', () => {
  const { rig } = learned()
  const coupling = new Coupling('auto', rig.collect().state.nodeModels, BEGIN_NS)
  const after = (hours: number) => {
    const startNs = BEGIN_NS + seconds(hours * 3600)
    const { uncertainty } = coupling.restOf([share(100_000_000n)], { startNs, endNs: startNs + seconds(1) }) ?? {}
    return uncertainty?.get('node model') ?? 0
  }
  assert.ok(after(1) > after(0) && after(24) > after(1) && after(24 * 30) > after(24))
})

test('whatever the leaves bring, the rest is nothing that cannot be, and damaged states bring nothing', () => {
  const saved = learned().rig.collect().state.nodeModels
  const coupling = new Coupling('auto', saved, BEGIN_NS)
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 12n), fc.bigInt(1n, 10n ** 11n), (energyUj, durationNs) => {
      const rest = coupling.restOf([share(energyUj)], { startNs: BEGIN_NS, endNs: BEGIN_NS + durationNs })
      if (rest === null) return
      assert.ok(rest.restUj >= 0n)
      const mostUj = 11n * energyUj + (50_000_000n * durationNs) / 10n ** 9n + 1_000_000n
      assert.ok(rest.restUj <= mostUj, `${rest.restUj} µJ`)
    }),
  )
  fc.assert(
    fc.property(fc.nat(400), fc.string({ maxLength: 3 }), (at, text) => {
      const damaged = saved.map((one) => ({
        ...one,
        learned: one.learned.slice(0, at) + text + one.learned.slice(at + 2),
      }))
      const rest = new Coupling('auto', damaged, BEGIN_NS).restOf([share(100_000_000n)], span)
      assert.ok(rest === null || rest.restUj >= 0n)
    }),
  )
})

test('whatever fails and comes back, the rows sum to the totals and no total falls', () => {
  const first = learned()
  const state = structuredClone(first.rig.collect().state)
  const happening = fc.record({
    which: fc.nat(1),
    how: fc.constantFrom('fail', 'heal', 'close', 'open', 'restart'),
    seconds: fc.integer({ min: 1, max: 40 }),
  })
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 12 }), (happenings) => {
      const meters = [
        meter('rapl', 'counter', 'socket-0', truthOf(packageW), 'package'),
        wholeMeter('ac_in', truthOf(wholeW)),
      ] as const
      const rig = new AccountRig(meters)
      rig.clock.advance(first.rig.clock.ns - rig.clock.ns)
      const none = { measured: 0n, derived: 0n, estimated: 0n }
      rig.restart({ ...state, node: { ...state.node, energyUj: none, parts: [] } })
      let before = none
      for (const { which, how, seconds } of happenings) {
        const one = meters[which as 0 | 1]
        if (how === 'restart') rig.restart()
        else if (how === 'close' || how === 'open') rig.open(one, how === 'open')
        else one.isFailing = how === 'fail'
        rig.passes(seconds)
        const { energyUj } = rig.state
        for (const quality of ['measured', 'derived', 'estimated'] as const) {
          assert.ok(energyUj[quality] >= before[quality], quality)
        }
        before = { ...energyUj }
      }
    }),
    { numRuns: runs(30) },
  )
})
