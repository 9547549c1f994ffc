import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IdlePower } from '../../src/attribution/idle-power.ts'
import { loadCurves } from '../../src/attribution/load-curves.ts'
import fc from '../property.ts'
import { Rig, USUAL } from './rig.ts'

const CPU = 'processors/socket-0'
const { processorsW, memoryW } = USUAL

/** Runs a machine for a while at a load, and returns the idle power of its leaf at the end, in W. */
function idleW(rig: Rig, seconds: number, load: number, powerW: number, leaf = CPU): number {
  for (let second = 0; second < seconds; second++) {
    rig.rows.splice(0)
    rig.draw(1, { [leaf]: powerW })
    rig.look({ web: { cpuS: load * 4 } })
    rig.collect()
  }
  return Object.values(rig.joules()).reduce((sum, [idle]) => sum + idle, 0)
}

function started(): Rig {
  const rig = new Rig()
  rig.look()
  return rig
}

test('idle power is right at 0, 50 and 100 % load, also where no other load was ever seen', () => {
  const trueW = processorsW(0)
  for (const load of [0, 0.5, 1]) {
    const learnedW = idleW(started(), 30, load, processorsW(load))
    assert.ok(Math.abs(learnedW / trueW - 1) < 0.01, `${learnedW} W at ${load}, instead of ${trueW}`)
  }
  const wholeW = processorsW(0) + memoryW(0)
  for (const load of [0, 0.5, 1]) {
    const learnedW = idleW(started(), 30, load, processorsW(load) + memoryW(load), 'rest')
    assert.ok(Math.abs(learnedW / wholeW - 1) < 0.01, `${learnedW} W of the machine at ${load}`)
  }
})

test('a machine that is no usual one is known by what it draws idle, and a day at full load does not change that', () => {
  const rig = started()
  assert.ok(Math.abs(idleW(rig, 20, 0, 80) - 80) < 1e-3)
  assert.ok(Math.abs(idleW(rig, 20, 1, 100) - 80) < 1e-3)
  assert.ok(Math.abs(idleW(rig, 3_600, 1, 100) - 80) < 1e-3)
  assert.ok(Math.abs(idleW(rig, 60, 0.5, 95) - 80) < 1e-3)
})

test('it neither locks at a maximum nor shrinks to nothing where a machine is always busy', () => {
  for (const load of [0.6, 0.9, 1]) {
    const watts = idleW(started(), 3_600, load, 200)
    assert.ok(watts > 10 && watts < 150, `${watts} W of 200 at ${load}`)
  }
})

test('what was only seen for a moment, as at the edge of a load, is not believed', () => {
  const rig = started()
  idleW(rig, 60, 0.1, 50)
  const before = idleW(rig, 1, 0.1, 50)
  idleW(rig, 2, 0.01, 190)
  assert.ok(Math.abs(idleW(rig, 1, 0.1, 50) - before) < 1)
})

test('before anything is believed, a moment of less power at more use shows that what moments said is too much', () => {
  const rig = started()
  const firstW = idleW(rig, 1, 0.01, 100)
  assert.ok(firstW > 95)
  const powerW = 60
  const expectedW = (powerW * processorsW(0)) / processorsW(0.5)
  assert.ok(Math.abs(idleW(rig, 1, 0.5, powerW) - expectedW) < 1e-3)
  assert.ok(Math.abs(idleW(rig, 1, 0.5, firstW + 1) - firstW) < 1e-3)
})

test('idle power follows hardware that draws less or more than before', () => {
  const rig = started()
  idleW(rig, 60, 0, 80)
  // A card or a processor was replaced: it draws less when it is busy than the old one did idle.
  assert.ok(idleW(rig, 600, 1, 40) <= 40)
  idleW(rig, 1_800, 0, 30)
  assert.ok(Math.abs(idleW(rig, 1, 0, 30) - 30) < 3)
  idleW(rig, 3_600, 0, 90)
  assert.ok(Math.abs(idleW(rig, 1, 0, 90) - 90) < 3)
})

test('idle power is never more than what is drawn', () => {
  const rig = started()
  idleW(rig, 60, 0, 80)
  assert.equal(idleW(rig, 1, 1, 15), 15)
})

test('what was learned outlives a restart, whatever else the text says', () => {
  const { processors } = loadCurves(USUAL)
  const first = new IdlePower(processors)
  for (let second = 0; second < 700; second++) first.learn((second % 100) / 100, 50e6 + second * 1e4, 1)
  const second = new IdlePower(processors, first.text)
  assert.equal(second.text, first.text)
  assert.ok(Math.abs(second.idleUw(1, 1e9) / first.idleUw(1, 1e9) - 1) < 1e-3)
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(\d{1,3} \d{1,4} \d\.\d{4} \d{1,16};?)*$/)), (text) => {
      const idleUw = new IdlePower(processors, text).idleUw(0.5, 1e7)
      assert.ok(idleUw >= 0 && Number.isFinite(idleUw))
    }),
  )
})

test('whatever a leaf draws and at whatever load, idle power is above nothing and no more than was ever drawn', () => {
  const seen = fc.record({
    load: fc.double({ min: 0, max: 1, noNaN: true }),
    watts: fc.integer({ min: 1, max: 1_000 }),
  })
  fc.assert(
    fc.property(fc.array(seen, { minLength: 1, maxLength: 50 }), (all) => {
      const power = new IdlePower(loadCurves(USUAL).rest)
      for (const { load, watts } of all) power.learn(load, watts * 1e6, 20)
      const last = all.at(-1)
      const idleUw = power.idleUw(last?.load ?? 0, (last?.watts ?? 0) * 1e6)
      assert.ok(idleUw > 0)
      const mostUw = Math.max(...all.map(({ watts }) => watts)) * 1e6
      // Means in floating point.
      assert.ok(idleUw <= mostUw * (1 + 1e-12))
    }),
  )
})
