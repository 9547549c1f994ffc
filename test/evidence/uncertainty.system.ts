import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Chance, hourOf, MACHINES, machineOf } from '../integration/uncertain-machines.ts'

const MACHINES_EACH = 1_000

/** The table of docs/validation/account.md. */
for (const kind of MACHINES) {
  test(`${kind}: the truth is inside the interval in 93 to 97 of 100 hours`, (t) => {
    const chance = new Chance(7)
    const hours = Array.from({ length: MACHINES_EACH }, () => hourOf(machineOf(kind, chance)))
    const percent = (sum: number) => ((100 * sum) / hours.length).toFixed(1)
    const inside = hours.filter(({ countedJ, truthJ, shownJ }) => Math.abs(countedJ - truthJ) <= shownJ).length
    const off = hours.map(({ countedJ, truthJ }) => (countedJ - truthJ) / truthJ)
    const rms = Math.hypot(...off) * Math.sqrt(hours.length)
    const width = hours.reduce((sum, { shownJ, countedJ }) => sum + shownJ / countedJ, 0)
    t.diagnostic(`| ${kind} | ${percent(inside)} | ${percent(width)} | ${percent(rms)} |`)
    assert.ok(inside >= 930 && inside <= 970, `${inside}`)
  })
}
