import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NS_PER_S } from '../../../src/model/units.ts'
import { DisciplinedCounter } from '../../../src/sensors/pdu/disciplined-counter.ts'
import fc from '../../property.ts'

const STEP_UJ = 360_000_000_000n
const EVERY_NS = 10n * NS_PER_S
const options = {
  stepUj: STEP_UJ,
  modulus: null,
  maxPowerUw: 25_000_000_000n,
  longestNs: 30n * NS_PER_S,
  isAbsolute: false,
}

const uw = (watts: number): bigint => BigInt(Math.round(watts * 1e6))

/** Looks every ten seconds at a machine of some watts, whose PDU says some others. */
function follow(
  counter: DisciplinedCounter,
  looks: readonly number[],
  { phaseUj = 0n, error = 0, from = 5_000n } = {},
) {
  let [trueUj, atNs] = [phaseUj, 0n]
  return looks.map((watts, index) => {
    if (index > 0) {
      trueUj += (uw(watts) * EVERY_NS) / NS_PER_S
      atNs += EVERY_NS
    }
    const saidUj = counter.advance({ count: from + trueUj / STEP_UJ, powerUw: uw(watts * (1 + error)), atNs })
    return { trueUj, saidUj: saidUj ?? -1n }
  })
}

test('it never falls, and from the first count on it is within one count of the truth, whatever the watts are off by', () => {
  const looks = fc.array(fc.double({ min: 20, max: 3_000, noNaN: true }), { minLength: 50, maxLength: 600 })
  const phase = fc.bigInt(0n, STEP_UJ - 1n)
  fc.assert(
    fc.property(looks, phase, fc.double({ min: -0.3, max: 0.3, noNaN: true }), (powers, phaseUj, error) => {
      const said = follow(new DisciplinedCounter(options), powers, { phaseUj, error })
      const first = said.findIndex(({ trueUj }) => trueUj / STEP_UJ > phaseUj / STEP_UJ)
      for (const [index, { trueUj, saidUj }] of said.entries()) {
        assert.ok(index === 0 || saidUj >= (said[index - 1]?.saidUj ?? 0n), 'it never falls')
        if (first === -1 || index <= first) continue
        const anchor = said[first]
        assert.ok(anchor)
        const offUj = saidUj - anchor.saidUj - (trueUj - anchor.trueUj)
        assert.ok(offUj < STEP_UJ + 40_000_000_000n && offUj > -STEP_UJ - 40_000_000_000n, `${offUj} µJ`)
      }
    }),
  )
})

test('watts that are a little high do not make it stand still before a count', () => {
  const said = follow(new DisciplinedCounter(options), new Array(2_000).fill(100), { error: 0.05 })
  for (const [index, { saidUj }] of said.entries()) {
    if (index > 0) assert.ok(saidUj > (said[index - 1]?.saidUj ?? 0n), String(index))
  }
})

test('a reset, a replacement, and a roll-over at its modulus', () => {
  const counter = new DisciplinedCounter({ ...options, modulus: 1_000n })
  let atNs = 0n
  const advance = (count: bigint, watts: number | null = 360) => {
    atNs += EVERY_NS
    return counter.advance({ count, powerUw: watts === null ? null : uw(watts), atNs })
  }
  const gainedUj = 3_600_000_000n
  assert.equal(advance(998n), 0n)
  assert.equal(advance(999n), gainedUj)
  assert.equal(advance(0n), gainedUj + STEP_UJ, 'rolled over')
  assert.equal(advance(500n), 2n * gainedUj + STEP_UJ, 'another one: the watts alone')
  assert.equal(advance(3n), 3n * gainedUj + STEP_UJ, 'set back: the watts alone')
  assert.equal(advance(3n, null), null)
  assert.equal(advance(900n, null), null)
  assert.equal(advance(900n), 0n, 'nobody knows what was in between')
})

test('of steps of seconds it tells the energy of its counts, moves with the watts, and another run goes on from it', () => {
  const WH_UJ = 3_600_000_000n
  const fine = { ...options, stepUj: WH_UJ, modulus: 9_999_001n, isAbsolute: true }
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 4_000 }),
      fc.bigInt(0n, WH_UJ - 1n),
      fc.nat(400),
      (watts, phaseUj, restartAt) => {
        let counter = new DisciplinedCounter(fine)
        let [trueUj, lastUj] = [9_998_950n * WH_UJ + phaseUj, -1n]
        for (let look = 0; look < 400; look += 1) {
          if (look === restartAt) counter = new DisciplinedCounter(fine)
          trueUj += (uw(watts) * EVERY_NS) / NS_PER_S
          const count = (trueUj / WH_UJ) % 9_999_001n
          const saidUj = counter.advance({ count, powerUw: uw(watts), atNs: BigInt(look) * EVERY_NS })
          if (saidUj === null) continue
          assert.ok(saidUj >= count * WH_UJ && saidUj < (count + 1n) * WH_UJ, 'within its count')
          assert.ok(saidUj >= lastUj || saidUj < 1_000n * WH_UJ, 'it falls where it rolls over alone')
          lastUj = saidUj
        }
      },
    ),
  )
})

test('the power that its energy comes to is steady, where its counts alone make it swing', () => {
  const WH_UJ = 3_600_000_000n
  const counter = new DisciplinedCounter({ ...options, stepUj: WH_UJ, isAbsolute: true })
  let trueUj = 77n * WH_UJ
  const said: bigint[] = []
  for (let look = 0; look < 200; look += 1) {
    trueUj += uw(300) * 10n
    const saidUj = counter.advance({ count: trueUj / WH_UJ, powerUw: uw(300), atNs: BigInt(look) * EVERY_NS })
    if (saidUj !== null) said.push(saidUj)
  }
  const watts = said.slice(1).map((uj, index) => Number(uj - (said[index] ?? 0n)) / 1e7)
  assert.ok(
    watts.slice(20).every((w) => Math.abs(w - 300) < 30),
    watts.join(' '),
  )
})
