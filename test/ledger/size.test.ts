import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { simulateLife } from '../../bench/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { scratchDirectory } from './setting.ts'

/** Rows per channel that a ledger holds after a year: 48 h of 10 s cut at the minute, 30 days of minutes, all hours. */
const ROWS_AFTER_A_YEAR = { raw: 48 * 60 * 7, minute: 30 * 1440, hour: 365 * 24 }

test('a year of 20 channels stays below 100 MB, by the bytes of each kind of row', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const fileBytes = await simulateLife(path, 0.15)
  const db = openReadOnly(path)
  const bytesOf = db.prepare<[string], number>('SELECT sum(pgsize) FROM dbstat WHERE name = ?').pluck()
  let yearBytes = fileBytes
  for (const [grain, rows] of Object.entries(ROWS_AFTER_A_YEAR)) {
    const held = db.prepare<[], number>(`SELECT count(*) FROM node_${grain}`).pluck().get() ?? 0
    for (const whose of ['channel', 'node']) yearBytes += ((bytesOf.get(`${whose}_${grain}`) ?? 0) / held) * rows
  }
  db.close()
  t.diagnostic(`${(yearBytes / 1e6).toFixed(1)} MB`)
  assert.ok(yearBytes > 30e6 && yearBytes < 100e6, `${yearBytes}`)
})
