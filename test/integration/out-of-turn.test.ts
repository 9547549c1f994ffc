import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CounterIntegrator } from '../../src/integration/counter-integrator.ts'
import { NS_PER_MS, NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'
import { count, counterChannel } from './machine.ts'

const RUN_MS = 10_000
/** A register that is published each 100 ms, at 40 W. */
const registerUj = (ms: number): bigint => 4_000_000n * BigInt(Math.floor(ms / 100))

test('readings out of turn, at whatever moments, cost a new counter nothing', () => {
  const moments = fc.array(fc.integer({ min: 1, max: RUN_MS - 1 }), { maxLength: 20 })
  const property = fc.property(moments, fc.integer({ min: 0, max: 99 }), (asked, offsetMs) => {
    const integrator = new CounterIntegrator(counterChannel('package-0'), null)
    const turns = Array.from({ length: RUN_MS / 1_000 + 1 }, (_, second) => second * 1_000)
    let energyUj = 0n
    for (const ms of [...new Set([...turns, ...asked])].sort((a, b) => a - b)) {
      const { posting, gap, corrupt } = integrator.accept(
        count(NS_PER_S + BigInt(ms) * NS_PER_MS, registerUj(ms + offsetMs)),
      )
      assert.equal(corrupt, undefined)
      assert.equal(gap, undefined)
      energyUj += posting?.energyUj ?? 0n
    }
    assert.equal(energyUj, registerUj(RUN_MS + offsetMs) - registerUj(offsetMs))
  })
  fc.assert(property, { numRuns: runs(500) })
})

test('a reading a moment after the first of a new counter holds up nothing: its second reading in turn books the first two seconds', () => {
  for (const askedMs of [1, 60, 110, 499, 940]) {
    const integrator = new CounterIntegrator(counterChannel('package-0'), null)
    let energyUj = 0n
    for (const ms of [0, askedMs, 1_000, 2_000]) {
      const outcome = integrator.accept(count(NS_PER_S + BigInt(ms) * NS_PER_MS, 30_000n * BigInt(ms)))
      energyUj += outcome.posting?.energyUj ?? 0n
    }
    assert.equal(energyUj, 60_000_000n, `${askedMs} ms`)
  }
})
