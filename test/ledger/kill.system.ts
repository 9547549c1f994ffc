import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { killInFlushes } from './kill-rounds.ts'

test('kill -9 during a flush, 50 times: what was acknowledged is there, whole', async (t) => {
  // On a disk, where a flush waits for fsync(2), so that the kill finds it under way.
  const directory = mkdtempSync(join(tmpdir(), 'ledger-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const amidFlush = await killInFlushes(join(directory, 'ledger.db'), 50)
  t.diagnostic(`${amidFlush} of 50 kills came between the beginning of a flush and its acknowledgement`)
  assert.ok(amidFlush > 0)
})
