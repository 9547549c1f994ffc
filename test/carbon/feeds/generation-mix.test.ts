import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mixIntensities } from '../../../src/carbon/feeds/generation-mix.ts'

const HOUR = 3_600_000
const FUELS = { NG: 'gas', NUC: 'nuclear', OIL: 'oil' } as const

/** Hours from 0 on, each with its amounts. */
function known(...hours: readonly Record<string, number>[]): number[] {
  const amounts = new Map(hours.map((byCode, hour) => [hour * HOUR, new Map(Object.entries(byCode))]))
  return [...mixIntensities(amounts, FUELS, 'life-cycle').keys()].map((unixMs) => unixMs / HOUR)
}

const full = { NG: 1, NUC: 1 }

test('an hour that lacks a fuel of the day around it has no figure', () => {
  assert.deepEqual(known(full, { NUC: 1 }, full), [0, 2])
  // As at midnight: the day that has just begun is compared with the one before.
  assert.deepEqual(known(...Array<typeof full>(24).fill(full), { NUC: 1 } as never), [...Array(24).keys()])
})

test('a fuel that is reported for the first time makes no older day incomplete', () => {
  const days = [...Array<Record<string, number>>(48).fill(full), { ...full, OIL: 1 }]
  assert.deepEqual(known(...days), [...Array(24).keys(), 48])
})
