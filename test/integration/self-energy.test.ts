import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SelfEnergy } from '../../src/integration/self-energy.ts'

test('what the daemon costs is its share of the processors, and what it drew of what it woke', () => {
  let wokenUj = 0n
  const self = new SelfEnergy(
    () => 0.01,
    5n,
    1_000n,
    () => wokenUj,
  )
  assert.equal(self.at(2_000n), 15n)
  wokenUj = 500n
  // Of the other 500 the usual hundredth: nothing is counted twice.
  assert.equal(self.at(3_000n), 15n + 500n + 5n)
  assert.equal(self.at(3_000n), 520n)
  // The account of the machine comes later than the card's own counter.
  wokenUj = 700n
  assert.equal(self.at(3_100n), 720n)
})
