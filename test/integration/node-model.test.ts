import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FAULTS } from '../../scripts/node-model/faults.ts'
import { slowMeter } from '../../scripts/node-model/silence.ts'
import type { Row } from '../../src/integration/node-model/chips.ts'
import { NodeModel } from '../../src/integration/node-model/node-model.ts'
import fc, { runs } from '../property.ts'

const FIXTURE = join(import.meta.dirname, '../fixtures/node-power/nx12.csv')
const ROWS: readonly Row[] = readFileSync(FIXTURE, 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [endS = 0, processorsW = 0, memoryW = 0, wholeW = 0] = line.split(',').map(Number)
    return { startS: endS - 3, endS, processorsW, memoryW, acceleratorsW: 0, wholeW }
  })
const FIRST = ROWS.slice(0, 800)
const REST = ROWS.slice(800)
const BUSY = { processorsW: 150, memoryW: 55, acceleratorsW: 0 }

function learn(rows: readonly Row[], model = new NodeModel()) {
  const results = rows.map((row) => model.learn(row))
  return {
    model,
    changes: results.flatMap(({ isChanged }, index) => (isChanged ? index : [])),
    faults: new Set(results.flatMap(({ fault }) => fault ?? [])),
  }
}

/** Mean absolute error of what is predicted, and of its sum, in %. */
function errors(model: NodeModel, rows: readonly Row[]) {
  const predicted = rows.map((row) => model.predict(row, 0)?.wholeW ?? Number.NaN)
  const of = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
  return {
    rows: (100 * of(rows.map(({ wholeW }, index) => Math.abs((predicted[index] ?? 0) / wholeW - 1)))) / rows.length,
    energy: 100 * (of(predicted) / of(rows.map(({ wholeW }) => wholeW)) - 1),
  }
}

const from = (at: number, wholeW: (row: Row, index: number) => number): readonly Row[] =>
  ROWS.map((row, index) => (index < at ? row : { ...row, wholeW: wholeW(row, index) }))

test('what is learned in 40 minutes tells the rest of the hour', () => {
  const { model, changes, faults } = learn(FIRST)
  const error = errors(model, REST)
  assert.ok(error.rows < 2.3, `${error.rows} %`)
  assert.ok(Math.abs(error.energy) < 0.5, `${error.energy} %`)
  assert.deepEqual([changes, [...faults]], [[], []])
})

test('nothing in an hour of a real machine looks like a change or a fault', () => {
  const { changes, faults } = learn(ROWS)
  assert.deepEqual([changes, [...faults]], [[], []])
})

test('nothing is predicted before ten minutes are learned', () => {
  assert.equal(learn(ROWS.slice(0, 199)).model.predict(BUSY, 0), null)
  assert.notEqual(learn(ROWS.slice(0, 200)).model.predict(BUSY, 0), null)
})

for (const [name, wholeW] of Object.entries(FAULTS)) {
  test(`a meter that tells ${name} is never learned`, () => {
    const { model, faults } = learn(from(0, wholeW))
    assert.ok(faults.size > 0)
    assert.deepEqual([model.isReady, model.state], [false, null])
  })

  test(`what a meter taught that then tells ${name} stays`, () => {
    const before = errors(learn(ROWS.slice(0, 700)).model, REST).rows
    const { model, faults } = learn(from(700, wholeW).slice(0, 950))
    assert.ok(faults.size > 0)
    const error = errors(model, REST).rows
    assert.ok(error < before + 0.3, `${error} % after ${before} %`)
  })
}

for (const delayRows of [1, 2, 4, 6]) {
  test(`a meter that is ${delayRows * 3} s late is compared with what it saw`, () => {
    const { model, faults } = learn(
      ROWS.map((row, index) => ({ ...row, wholeW: ROWS[Math.max(0, index - delayRows)]?.wholeW ?? 0 })),
    )
    assert.deepEqual([model.timing, [...faults]], [{ delayS: delayRows * 3, windowS: 0 }, []])
    assert.ok(errors(model, ROWS).rows < 2.3)
  })
}

for (const [name, wholeW] of Object.entries<(row: Row) => number>({
  '30 W more': (row) => row.wholeW + 30,
  '25 W less': (row) => row.wholeW - 25,
  'a tenth more': (row) => row.wholeW * 1.1,
  'a tenth less': (row) => row.wholeW * 0.9,
})) {
  test(`${name} is found within a minute and learned within another`, () => {
    for (const at of [500, 700, 900, 1100]) {
      const rows = from(at, wholeW)
      const { model, changes } = learn(rows.slice(0, at + 40))
      const first = changes.find((index) => index >= at) ?? Number.POSITIVE_INFINITY
      assert.ok(first - at <= 20, `after ${first - at} rows`)
      const { energy } = errors(model, rows.slice(at + 40, at + 80))
      assert.ok(Math.abs(energy) < 2, `${energy} % after the change at ${at}`)
    }
  })
}

test('weeks of idling do not wear out what is known of load', () => {
  const { model } = learn(ROWS)
  const before = model.predict(BUSY, 0)?.wholeW ?? 0
  let endS = ROWS.at(-1)?.endS ?? 0
  for (let index = 0; index < 400_000; index++) {
    const startS = endS
    endS += 3
    const chips = { processorsW: 31 + (index % 7) * 0.3, memoryW: 38 + (index % 5) * 0.3, acceleratorsW: 0 }
    model.learn({ startS, endS, ...chips, wholeW: index % 3 === 0 ? 172 : 171 })
  }
  const after = model.predict(BUSY, 0)?.wholeW ?? 0
  assert.ok(Math.abs(after / before - 1) < 0.03, `${before} W, then ${after} W`)
  assert.ok(errors(model, ROWS).rows < 2.3)
})

test('cards have a gain of their own', () => {
  let seed = 1
  const random = () => {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647
  }
  let [processorsW, acceleratorsW] = [200, 600]
  const rows = Array.from({ length: 1500 }, (_, index): Row => {
    if (index % 11 === 0) [processorsW, acceleratorsW] = [100 + 700 * random(), 480 + 5000 * random()]
    const memoryW = 40 + 40 * random()
    const wholeW = 380 + 1.1 * (processorsW + memoryW) + 1.12 * acceleratorsW + 20 * (random() - 0.5)
    return { startS: index * 3, endS: index * 3 + 3, processorsW, memoryW, acceleratorsW, wholeW }
  })
  const { model, changes, faults } = learn(rows.slice(0, 1000))
  assert.deepEqual([changes, [...faults]], [[], []])
  assert.ok(errors(model, rows.slice(1000)).rows < 0.5)
})

test('the interval holds what it is to hold, and grows while the meter is silent', () => {
  const model = new NodeModel()
  let [covered, count] = [0, 0]
  for (const [index, row] of ROWS.entries()) {
    const before = ROWS[index - 1]
    if (before !== undefined && model.isReady) {
      const isStep = Math.abs((model.predict(before, 0)?.wholeW ?? 0) / (model.predict(row, 0)?.wholeW ?? 0) - 1) > 0.03
      const { wholeW = 0, halfWidthW = 0 } = model.predict(row, 0, isStep) ?? {}
      covered += Math.abs(wholeW - row.wholeW) <= halfWidthW ? 1 : 0
      count += 1
    }
    model.learn(row)
  }
  assert.ok(covered / count > 0.93 && covered / count < 0.985, `${covered / count}`)
  const lasting = [0, 60, 600, 3600, 86_400].map((silentS) => model.predict(BUSY, silentS)?.lastingUncertainty ?? 0)
  assert.deepEqual(
    lasting,
    lasting.toSorted((a, b) => a - b),
  )
  assert.equal(new Set(lasting).size, 5)
})

test('a model goes on from its state, and from no other text', () => {
  const { model } = learn(FIRST)
  const state = model.state ?? ''
  assert.ok(Buffer.byteLength(state) < 4096)
  const again = new NodeModel()
  assert.equal(again.restore(state), true)
  assert.ok(Math.abs(errors(again, REST).rows - errors(model, REST).rows) < 0.1)
  for (const text of [
    '',
    'null',
    '{}',
    '[]',
    state.slice(0, -1),
    state.replace('"version":1', '"version":2'),
    state.replace(/\d+\.\d+/, 'null'),
  ]) {
    const other = new NodeModel()
    assert.equal(other.restore(text), false, text)
    assert.deepEqual([other.isReady, other.predict(BUSY, 0)], [false, null])
  }
})

test('whatever it is given, it says nothing that cannot be', () => {
  const anything = fc.oneof(
    fc.double(),
    fc.double({ min: 0, max: 2000 }),
    fc.constantFrom(0, -1, 1e300, Number.MAX_VALUE),
  )
  const rows = fc.array(
    fc.record({
      startS: anything,
      endS: anything,
      processorsW: anything,
      memoryW: anything,
      acceleratorsW: anything,
      wholeW: anything,
    }),
    { maxLength: 80 },
  )
  fc.assert(
    fc.property(rows, fc.constantFrom(...ROWS), (strange, chips) => {
      const { model } = learn(FIRST)
      learn(strange, model)
      const { wholeW = Number.NaN, halfWidthW = Number.NaN } = model.predict(chips, 0) ?? {}
      const insideW = chips.processorsW + chips.memoryW
      assert.ok(wholeW >= insideW && wholeW <= 12 * insideW + 50, `${wholeW} W`)
      assert.ok(halfWidthW >= 0 && Number.isFinite(halfWidthW))
    }),
    { numRuns: runs(30) },
  )
})

test('of a meter that tells a mean each minute the model knows the rows of 3 s, since errors of moments are not in that mean', () => {
  const { model, flat } = slowMeter(ROWS, 20)
  assert.ok(model < 2.9, `${model} %`)
  assert.ok(flat > 20, `${flat} %`)
})
