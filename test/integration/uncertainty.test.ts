import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UncertaintyBudget } from '../../src/integration/uncertainty.ts'
import { Chance, hourOf, machineOf } from './uncertain-machines.ts'

const MACHINES_EACH = 60

test('an interval that was half as wide would not pass, and one that took two supplies to be wrong together would hold more', () => {
  const chance = new Chance(7)
  const hours = Array.from({ length: MACHINES_EACH }, () => hourOf(machineOf('supplies', chance)))
  const within = (factor: number) =>
    hours.filter(({ countedJ, truthJ, shownJ }) => Math.abs(countedJ - truthJ) <= factor * shownJ).length / hours.length
  assert.ok(within(Math.SQRT2) > within(1))
  assert.ok(within(0.5) < 0.8)
})

test('the coverage factor of a range is 1.65 alone and 2 beside much else', () => {
  const k = (...others: number[]) => {
    const budget = new UncertaintyBudget()
    budget.add('supply', 1)
    for (const [n, other] of others.entries()) budget.add(`meter ${n}`, other)
    return (2 * budget.combined()) / Math.hypot(1, ...others)
  }
  assert.ok(Math.abs(k() - 1.645) < 0.005)
  assert.ok(Math.abs(k(0.1) - 1.65) < 0.02)
  assert.ok(Math.abs(k(3, 3)) > 1.999)
})
