import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scrape } from '../../src/exporter/scrape.ts'
import type { SealHead } from '../../src/model/seal.ts'

test('the newest seal is a scrape away, and none before the first', async () => {
  let head: SealHead | null = null
  let nowMs = 0
  const scrape = new Scrape({ version: '1.2.3', nowMs: () => nowMs, seal: () => head })
  const sealLines = async () => {
    nowMs += 5_000
    const { plain } = await scrape.body('text', null)
    return plain
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('wattledger_seal_info'))
  }
  assert.deepEqual(await sealLines(), [])
  head = { day: '2026-11-22', sha256: 'ab'.repeat(32) }
  assert.deepEqual(await sealLines(), [`wattledger_seal_info{day="2026-11-22",sha256="${'ab'.repeat(32)}"} 1`])
})
