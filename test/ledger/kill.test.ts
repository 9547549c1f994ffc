import { join } from 'node:path'
import { test } from 'node:test'
import { killInFlushes } from './kill-rounds.ts'
import { scratchDirectory } from './setting.ts'

test('kill -9 during a flush, 4 times: what was acknowledged is there, whole', async (t) => {
  await killInFlushes(join(scratchDirectory(t), 'ledger.db'), 4)
})
