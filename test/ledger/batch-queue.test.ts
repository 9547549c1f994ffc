import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BatchQueue } from '../../src/ledger/batch-queue.ts'
import { steadyBatch } from './setting.ts'

test('of all that waits only the newest state is held, and of each batch the rest', () => {
  const queue = new BatchQueue(5)
  const batches = [0, 1, 2].map(steadyBatch)
  for (const batch of batches) queue.push(batch)
  const [, , newest] = batches
  assert.ok(queue.batches.every(({ state }) => state === newest?.state))
  assert.deepEqual(
    queue.batches.map(({ channelRows, nodeRows, gaps }) => ({ channelRows, nodeRows, gaps })),
    batches.map(({ channelRows, nodeRows, gaps }) => ({ channelRows, nodeRows, gaps })),
  )
})
