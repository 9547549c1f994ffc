import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytesPerDay, writesOf } from '../../bench/ledger-writes.ts'
import { scratchDirectory } from './setting.ts'

/** Four RAPL channels come with four of the estimate. */
for (const [channels, consumers, mostMb] of [
  [8, 1, 85],
  [20, 1, 110],
  [8, 100, 110],
] as const) {
  test(`${channels} channels and ${consumers} consumers write less than ${mostMb} MB a day`, async (t) => {
    const writes = await writesOf(join(scratchDirectory(t), 'ledger.db'), channels, consumers, 300)
    const mb = bytesPerDay(writes) / 1e6
    t.diagnostic(`${mb.toFixed(1)} MB: ${JSON.stringify(writes)}`)
    assert.ok(mb > 10 && mb < mostMb, `${mb}`)
  })
}
