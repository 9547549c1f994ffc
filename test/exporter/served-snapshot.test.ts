import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServedSnapshot } from '../../src/exporter/served-snapshot.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import fc, { runs } from '../property.ts'
import { A_SNAPSHOT } from './a-snapshot.ts'

/** An agent whose snapshot is of the moment when it was last renewed, by a clock that moves when told. */
class Renewable {
  nowMs = 0
  readonly renewedMs: number[] = []
  /** Set: the next renewals wait for it. */
  held: PromiseWithResolvers<void> | null = null
  readonly served = new ServedSnapshot({
    snapshot: () => this.#snapshot,
    renew: async () => {
      await this.held?.promise
      this.renewedMs.push(this.nowMs)
      this.#snapshot = { ...A_SNAPSHOT, atUnixMs: this.nowMs }
    },
    nowMs: () => this.nowMs,
  })
  #snapshot: Snapshot | null = null

  async look(): Promise<number | undefined> {
    return (await this.served.current())?.atUnixMs
  }
}

test('who looks first in a while sees the readings of the moment', async () => {
  const agent = new Renewable()
  for (const atMs of [0, 1_000, 1_951, 60_000]) {
    agent.nowMs = atMs
    assert.equal(await agent.look(), atMs)
  }
})

test('who looks again within the second sees the same', async () => {
  const agent = new Renewable()
  for (const atMs of [0, 1, 500, 949]) {
    agent.nowMs = atMs
    assert.equal(await agent.look(), 0)
  }
})

test('all who look while readings are under way share them', async () => {
  const agent = new Renewable()
  agent.held = Promise.withResolvers()
  const looks = Array.from({ length: 100 }, () => agent.look())
  agent.nowMs = 20
  agent.held.resolve()
  assert.deepEqual(new Set(await Promise.all(looks)), new Set([20]))
  assert.deepEqual(agent.renewedMs, [20])
})

test('nothing is served before there is a snapshot, and the first is served at once', async () => {
  let snapshot: Snapshot | null = null
  const served = new ServedSnapshot({ snapshot: () => snapshot, renew: async () => {}, nowMs: () => 0 })
  assert.equal(await served.current(), null)
  snapshot = A_SNAPSHOT
  assert.equal(await served.current(), A_SNAPSHOT)
})

test('a renewal that fails is the failure of those who waited for it, and the next tries again', async () => {
  const agent = new Renewable()
  agent.held = Promise.withResolvers()
  const look = agent.look()
  agent.held.reject(new Error('no reading'))
  await assert.rejects(look, /no reading/)
  agent.held = null
  assert.equal(await agent.look(), 0)
})

test('however many look and whenever: nobody learns more than one reading a second, nobody sees an old one', async () => {
  const property = fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 100 }), async (waits) => {
    const agent = new Renewable()
    for (const waitMs of waits) {
      agent.nowMs += waitMs
      const atMs = (await agent.look()) ?? Number.NaN
      assert.ok(agent.nowMs - atMs < 950, `${agent.nowMs - atMs} ms old`)
    }
    for (const [index, atMs] of agent.renewedMs.entries()) {
      if (index > 0) assert.ok(atMs - (agent.renewedMs[index - 1] ?? 0) >= 950)
    }
  })
  await fc.assert(property, { numRuns: runs(200) })
})
