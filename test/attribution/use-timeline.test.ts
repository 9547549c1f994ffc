import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Claims } from '../../src/attribution/claims.ts'
import { UseTimeline } from '../../src/attribution/use-timeline.ts'
import type { Consumer } from '../../src/model/consumer.ts'
import fc from '../property.ts'
import { consumer, SECOND } from './rig.ts'

const ONE = consumer('one')

function frame(startNs: bigint, endNs: bigint, consumers: readonly Consumer[] = [ONE], cpuNs = 1_000): Claims {
  const list = (value: number) => consumers.map(() => value)
  const capacity = { cpus: 4, memoryBytes: 100 }
  return { startNs, endNs, consumers, cpuNs: list(cpuNs), cores: list(2), memoryBytes: list(50), capacity }
}

test('use of any time is the sum of its parts, whatever was joined meanwhile, and means stay means', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(lengths, fc.nat(1_000_000), fc.nat(100_000), (lengths, fromMs, forMs) => {
      const timeline = new UseTimeline()
      let atNs = 0n
      for (const ms of lengths) {
        timeline.add(frame(atNs, atNs + BigInt(ms) * 1_000_000n, [ONE], ms * 1_000))
        atNs += BigInt(ms) * 1_000_000n
      }
      const startNs = atNs - BigInt(fromMs) * 1_000_000n
      const endNs = startNs + BigInt(forMs) * 1_000_000n
      const claims = timeline.between(startNs, endNs)
      if (claims === null) return
      // Each millisecond of a frame used a thousandth of a second.
      const [used = 0] = claims.cpuNs
      assert.ok(Math.abs(used - Number(claims.coveredNs) / 1e3) <= 1e-9 * used + 1e-6, `${used} ${claims.coveredNs}`)
      assert.ok(Math.abs((claims.cores[0] ?? 0) - 2) < 1e-9)
      assert.ok(Math.abs(claims.capacity.cpus - 4) < 1e-9)
      assert.ok(claims.coveredNs <= endNs - startNs)
    }),
  )
})

test('the last twenty minutes are known, and no more is kept', () => {
  const timeline = new UseTimeline()
  const end = 3_600n
  for (let second = 0n; second < end; second++) timeline.add(frame(second * SECOND, (second + 1n) * SECOND))
  const at = (ago: bigint) => timeline.between((end - ago) * SECOND, (end - ago + 1n) * SECOND)
  assert.equal(at(1_190n)?.coveredNs, SECOND)
  assert.equal(at(1_300n), null)
  assert.equal(timeline.between(0n, end * SECOND)?.coveredNs, 1_230n * SECOND)
})

test('where thousands are born and die in each second the oldest are forgotten, and the newest never', () => {
  const timeline = new UseTimeline()
  const born = (second: bigint) => Array.from({ length: 5_000 }, (_, index) => consumer(`job-${second}-${index}`))
  for (let second = 0n; second < 120n; second++)
    timeline.add(frame(second * SECOND, (second + 1n) * SECOND, born(second)))
  const kept = timeline.between(0n, 120n * SECOND)
  assert.ok((kept?.consumers.length ?? 0) <= 200_000)
  assert.ok((kept?.coveredNs ?? 0n) >= 10n * SECOND)
  const crowd = Array.from({ length: 300_000 }, (_, index) => consumer(`one-${index}`))
  timeline.add(frame(120n * SECOND, 121n * SECOND, crowd))
  assert.equal(timeline.between(0n, 121n * SECOND)?.consumers.length, 300_000)
})

test('the newest use stands for a while after it, where that is asked for', () => {
  const timeline = new UseTimeline()
  timeline.add(frame(0n, SECOND))
  assert.equal(timeline.between(SECOND, 2n * SECOND), null)
  assert.equal(timeline.between(SECOND, 4n * SECOND, 2n * SECOND)?.coveredNs, 2n * SECOND)
})
