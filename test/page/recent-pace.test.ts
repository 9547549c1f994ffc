import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { RecentPace } from '../../src/page/recent-pace.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'

/** A machine of so many seconds, which draws 100 W, all of them measured. */
function after(seconds: number, measuredUj = 100_000_000n * BigInt(Math.max(0, seconds))): Snapshot {
  const energyUj = { measured: measuredUj, derived: 0n, estimated: 0n }
  const totals = { ...A_SNAPSHOT.node.totals, energyUj }
  return { ...A_SNAPSHOT, atUnixMs: A_SNAPSHOT.atUnixMs + seconds * 1e3, node: { ...A_SNAPSHOT.node, totals } }
}

const wattsOf = (pace: RecentPace, snapshot: Snapshot) => pace.upTo(snapshot)?.qualities.measured ?? null

test('watts are what the last minute grew by, and unknown for the first seconds', () => {
  const pace = new RecentPace()
  assert.equal(wattsOf(pace, after(0)), null)
  pace.note(after(0))
  assert.equal(wattsOf(pace, after(4)), null)
  assert.equal(wattsOf(pace, after(6)), 100)
  for (let second = 10; second <= 300; second += 10) pace.note(after(second))
  // A burst of 6 kJ at the end is 100 W more over the minute of samples that are kept.
  assert.equal(wattsOf(pace, after(300, 30_000_000_000n + 6_000_000_000n)), 200)
  assert.equal(wattsOf(pace, after(3_000)), null)
})

test('a clock that was set back begins anew, and what is new has no pace yet', () => {
  const pace = new RecentPace()
  for (const second of [0, 20, 40]) pace.note(after(second))
  const back = after(-3_600, 4_100_000_000n)
  pace.note(back)
  assert.equal(wattsOf(pace, after(-3_590, 5_100_000_000n)), 100)
  const [known] = A_SNAPSHOT.attribution?.consumers ?? []
  assert.ok(known)
  const stranger = { ...known, consumer: { ...known.consumer, id: 'new' } }
  const later = pace.upTo(after(-3_590, 5_100_000_000n))
  assert.deepEqual(later?.consumer(known), { idleW: 0, dynamicW: 0 })
  assert.equal(later?.consumer(stranger), null)
  assert.equal(later?.tenantW('nobody'), null)
})
