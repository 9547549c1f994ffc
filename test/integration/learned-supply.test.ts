import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LearnedSupply } from '../../src/integration/learned-supply.ts'
import { createSupply } from '../../src/integration/supply.ts'
import fc from '../property.ts'
import { AccountRig, constant, Meter, meter, wholeMeter } from './account-rig.ts'
import { bookedUj } from './happenings.ts'
import { powerChannel, seconds, watts } from './machine.ts'

const curve = createSupply({ rated_w: 800, count: 2, rating: null, volts: 230 }, null)
const HALF_HOUR = seconds(1800)

const halfHour = (acW: number, dcW: number, relativeUncertainty = 0.02) => ({
  startNs: 0n,
  endNs: HALF_HOUR,
  meterUj: watts(acW * 1800),
  modelUj: watts(dcW * 1800),
  relativeUncertainty,
})

const lossW = (supply: LearnedSupply, dcW: number): number => Number(supply.lossUj(watts(dcW), seconds(1))) / 1e6

function inputAndOutput() {
  const output = new Meter(
    powerChannel('out', { sensor: 'output', scope: 'dc_node', nodeMeter: 'oem', intervalNs: seconds(1) }),
    constant(170),
  )
  const input = wholeMeter('ac_in', constant(200))
  const rig = new AccountRig([input, output, meter('rapl', 'counter', 'socket-0', constant(90), 'package')], {
    supply: curve,
  })
  return { input, rig }
}

test('a meter behind the supply brings what the one at the input would have told, once both have told for half an hour', () => {
  const { input, rig } = inputAndOutput()
  rig.passes(1840)
  input.isFailing = true
  rig.passes(30)
  const beforeUj = bookedUj(rig)
  rig.passes(100)
  const wholeW = Number(bookedUj(rig) - beforeUj) / 1e8
  assert.ok(Math.abs(wholeW - 200) < 0.5, `${wholeW} W`)
  const loss = rig.state.parts.find(({ part }) => part === 'supply_loss')
  assert.equal(loss?.quality, 'derived')
})

test('less than half an hour teaches nothing, and a restart forgets nothing', () => {
  const { input, rig } = inputAndOutput()
  rig.passes(1700)
  assert.equal(
    rig.collect().state.leafModels?.some(({ name }) => name === 'supply_loss'),
    false,
  )
  rig.passes(200)
  rig.restart()
  input.isFailing = true
  rig.passes(30)
  const beforeUj = bookedUj(rig)
  rig.passes(100)
  const wholeW = Number(bookedUj(rig) - beforeUj) / 1e8
  assert.ok(Math.abs(wholeW - 200) < 0.5, `${wholeW} W`)
})

test('the middle of five half hours counts, and what is lost still follows the load', () => {
  const supply = new LearnedSupply(curve)
  for (const acW of [200, 201, 260, 199, 200]) supply.learn(halfHour(acW, 170))
  assert.ok(Math.abs(lossW(supply, 170) - 30) < 1e-3, `${lossW(supply, 170)} W`)
  assert.ok(lossW(supply, 700) > lossW(supply, 170))
  assert.equal(supply.quality, 'derived')
})

test('more out than in, less than a supply can give, and next to nothing teach nothing', () => {
  const supply = new LearnedSupply(curve)
  for (const [acW, dcW] of [
    [170, 171],
    [170, 170],
    [300, 170],
    [0, 0],
    [12, 10],
  ]) {
    supply.learn(halfHour(acW ?? 0, dcW ?? 0))
  }
  assert.equal(supply.state, null)
  assert.equal(lossW(supply, 170), Number(curve.lossUj(watts(170), seconds(1))) / 1e6)
  assert.equal(supply.quality, 'estimated')
})

test('what is learned is never less certain than the curve, and is no surer than the meters', () => {
  const [good, poor] = [0.005, 0.2].map((relativeUncertainty) => {
    const supply = new LearnedSupply(curve)
    supply.learn(halfHour(200, 170, relativeUncertainty))
    return supply.relativeUncertainty
  })
  assert.ok(Math.abs((good ?? 0) - (0.005 * Math.hypot(200, 170)) / 30) < 1e-9)
  assert.equal(poor, curve.relativeUncertainty)
})

test('whatever two meters tell, what is lost is not negative, and bounded', () => {
  const anyW = fc.integer({ min: 0, max: 3_000 })
  fc.assert(
    fc.property(fc.array(fc.tuple(anyW, anyW), { maxLength: 12 }), anyW, (told, dcW) => {
      const supply = new LearnedSupply(curve)
      for (const [acW, inW] of told) supply.learn(halfHour(acW, inW))
      const lost = supply.lossUj(watts(dcW), seconds(1))
      const curveUj = curve.lossUj(watts(dcW), seconds(1))
      assert.ok(lost >= 0n && (lost <= curveUj || 3n * lost <= 2n * watts(dcW)))
      const restored = new LearnedSupply(curve)
      assert.equal(supply.state === null || restored.restore(supply.state), true)
      assert.equal(restored.lossUj(watts(dcW), seconds(1)), lost)
    }),
    { seed: 1 },
  )
  for (const text of ['', 'null', '[1]', '[{"factor":-1,"relativeUncertainty":1}]', '[{"factor":"1"}]']) {
    assert.equal(new LearnedSupply(curve).restore(text), false, text)
  }
})
