import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPue } from '../../../src/carbon/pue/create-pue.ts'
import { ConfigFault } from '../../../src/model/config-fault.ts'
import fc from '../../property.ts'
import { recorder } from '../recorder.ts'

const pueOf = (pue: number) => createPue(pue, { logger: recorder().logger, unixMs: () => 0, env: {} })

test('a constant holds at any time, and is sure of itself only as the boundary of 1', () => {
  const { pue, refreshed } = pueOf(1.41)
  const { statement, untilUnixMs } = pue.cover(Date.UTC(2026, 10, 24))
  assert.deepEqual([statement.puePpm, statement.source, untilUnixMs], [1_410_000n, 'configuration', Infinity])
  assert.ok(Math.abs(statement.relativeUncertainty - 0.0284) < 1e-4)
  assert.deepEqual([pue.problem, refreshed], [null, []])
  assert.equal(pueOf(1).pue.cover(0).statement.relativeUncertainty, 0)
})

test('what is no PUE is refused with the place and what a PUE is', () => {
  for (const bad of [0.9, 0.999_999_9, 10.01, Number.NaN, -1]) {
    const isClear = (error: unknown) =>
      error instanceof ConfigFault &&
      error.code === 'CONFIG_INVALID' &&
      error.message ===
        `carbon.pue: expected a PUE of 1 to 10 (the site's energy divided by the IT equipment's, ISO/IEC 30134-2), received ${bad}`
    assert.throws(() => pueOf(bad), isClear)
  }
})

test('a PUE is kept to the millionth', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 10, noNaN: true }), (pue) => {
      const { puePpm } = pueOf(pue).pue.cover(0).statement
      assert.ok(puePpm >= 1_000_000n && Math.abs(Number(puePpm) / 1e6 - pue) <= 0.5e-6 + 1e-12)
    }),
  )
})
