import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Anchor } from '../../src/integration/anchor/anchor.ts'
import fc, { runs } from '../property.ts'
import { Chance } from './uncertain-machines.ts'

/** A model's power in W that changes each ten pairs, from 60 to 240, or stays. */
const moving = (n: number): number => 60 + 180 * ((Math.floor(n / 10) * 0.618) % 1)
const steady = (): number => 75

interface Lesson {
  readonly pairs?: number
  readonly modelW?: (n: number) => number
}

function teach(anchor: Anchor, meterW: (modelW: number, n: number) => number, lesson: Lesson = {}): Anchor {
  const { pairs = 200, modelW = moving } = lesson
  for (let n = 0; n < pairs; n++) anchor.learn({ meterW: meterW(modelW(n), n), modelW: modelW(n) }, 2)
  return anchor
}

const shownW = (anchor: Anchor, modelW: number): number => modelW * (anchor.at(modelW, 0)?.ratio ?? Number.NaN)

function assertNear(value: number, truth: number, within = 0.02): void {
  assert.ok(Math.abs(value / truth - 1) <= within, `${value}, where ${truth} is true`)
}

test('one pair is worth more than the class', () => {
  assertNear(
    shownW(
      teach(new Anchor(), () => 30, { pairs: 1, modelW: steady }),
      75,
    ),
    30,
  )
  assert.equal(new Anchor().at(75, 0), null, 'nothing is said before it')
})

test('how the ratio bends with the load is learned', () => {
  const anchor = teach(new Anchor(), (modelW) => 0.4 * modelW ** 1.15)
  for (const modelW of [60, 120, 240]) assertNear(shownW(anchor, modelW), 0.4 * modelW ** 1.15)
})

test('of a load that was never seen less is known', () => {
  const anchor = teach(new Anchor(), () => 30, { modelW: steady })
  const [near = 1, far = 0] = [80, 350].map((modelW) => anchor.at(modelW, 0)?.relativeUncertainty)
  assert.ok(near < 0.1 && far > 3 * near, `${near}, ${far}`)
})

test('uncertainty grows with the silence', () => {
  const anchor = teach(new Anchor(), (modelW) => 0.7 * modelW)
  const known = [0, 60, 600, 3600].map((silentS) => anchor.at(75, silentS)?.relativeUncertainty ?? 0)
  assert.deepEqual(
    known,
    known.toSorted((a, b) => a - b),
  )
  assert.ok((known[0] ?? 1) < 0.05 && (known[3] ?? 0) > 0.1, `${known}`)
})

test('a load that lasts is followed within some minutes', () => {
  const anchor = teach(new Anchor(), () => 30, { modelW: steady, pairs: 2000 })
  teach(anchor, () => 36, { modelW: steady, pairs: 300 })
  assertNear(shownW(anchor, 75), 36)
})

const chance = new Chance(7)
const LIES: Readonly<Record<string, (modelW: number) => number>> = {
  zeros: () => 0,
  milliwatts: (modelW) => modelW * 1000,
  'one value': () => 100,
  noise: () => 10 ** chance.uniform(1, 2.5),
  'no number': () => Number.NaN,
}

for (const [name, tells] of Object.entries(LIES)) {
  test(`a meter that tells ${name} has taught nothing`, () => {
    assert.equal(teach(new Anchor(), tells).at(120, 0), null)
  })

  test(`what a meter taught that then tells ${name} stays`, () => {
    const anchor = teach(new Anchor(), (modelW) => 0.6 * modelW)
    teach(anchor, tells)
    assertNear(shownW(anchor, 120), 72)
    teach(anchor, (modelW) => 0.8 * modelW, { pairs: 1000 })
    assertNear(shownW(anchor, 120), 96)
  })
}

test('an anchor goes on from its state, and from no other text', () => {
  const anchor = teach(new Anchor(), (modelW) => 0.4 * modelW ** 1.15)
  const { state } = anchor
  assert.ok(state !== null && state.length < 300)
  const restored = new Anchor()
  assert.ok(restored.restore(state))
  assert.equal(restored.state, state)
  assertNear(shownW(restored, 100), shownW(anchor, 100), 0.005)
  const others = ['', '{}', 'null', state.replace('"version":1', '"version":0'), state.replace(/\d\.\d+/, '"x"')]
  for (const text of others) assert.equal(new Anchor().restore(text), false, text)
  assert.equal(teach(new Anchor(), () => 30, { pairs: 79 }).state, null, 'nothing is certain before a second window')
})

test('whatever it is taught, it says a power that can be', () => {
  const watts = fc.oneof(fc.double(), fc.double({ min: 0, max: 1000 }), fc.constantFrom(0, 1e-300, 1e300))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(watts, watts, fc.integer({ min: 0, max: 120 })), { maxLength: 150 }),
      watts,
      watts,
      (pairs, modelW, silentS) => {
        const anchor = new Anchor()
        for (const [meterW, seenW, durationS] of pairs) anchor.learn({ meterW, modelW: seenW }, durationS)
        const known = anchor.at(modelW, silentS)
        if (known === null) return
        assert.ok(known.ratio >= 1 / 20 && known.ratio <= 5, `${known.ratio}`)
        assert.ok(known.relativeUncertainty >= 0)
      },
    ),
    { numRuns: runs(500), seed: 1 },
  )
})
