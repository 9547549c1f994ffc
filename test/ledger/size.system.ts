import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { simulateLife } from '../../bench/ledger.ts'
import { scratchDirectory } from './setting.ts'

test('a year of 20 channels stays below 100 MB, written and thinned out by the agent itself', async (t) => {
  const bytes = await simulateLife(join(scratchDirectory(t), 'ledger.db'), 365)
  t.diagnostic(`${(bytes / 1e6).toFixed(1)} MB`)
  assert.ok(bytes > 30e6 && bytes < 100e6, `${bytes}`)
})
