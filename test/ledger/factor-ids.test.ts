import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { EmissionRow } from '../../src/model/carbon.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { afterwards, scratchDirectory, standInHour, startLedger, steadyBatch, T0 } from './setting.ts'

/** Each hour has a reason of its own. */
const emission = (id: number, hour: number): EmissionRow =>
  standInHour(id, hour, `eia: its newest figure ends ${new Date(T0 + hour * HOUR_MS).toISOString()}`)

test('a figure has one row, however many others were used since, and is found without reading them', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const write = (...emissions: readonly EmissionRow[]) =>
    assert.ok(ledger.write({ ...steadyBatch(0), carbon: { emissions, restatements: [] } }))
  write(...Array.from({ length: 1_500 }, (_, hour) => emission(hour + 1, hour)))
  write(emission(1_501, 0), emission(1_502, 1_499))
  const db = openReadOnly(path)
  afterwards(t, () => db.close())
  const factorOf = db.prepare<[number], number>('SELECT factor_id FROM emission WHERE emission_id = ?').pluck()
  assert.equal(db.prepare('SELECT count(*) FROM factor').pluck().get(), 1_500)
  assert.deepEqual([factorOf.get(1_501), factorOf.get(1_502)], [factorOf.get(1), factorOf.get(1_500)])
  const plan = db
    .prepare<[], { detail: string }>(
      'EXPLAIN QUERY PLAN SELECT 1 FROM factor WHERE starts_unix_ms = 0 AND source = 1 AND reason IS 2',
    )
    .all()
  assert.match(
    plan.map(({ detail }) => detail).join(),
    /USING .*INDEX factor_start \(starts_unix_ms=\? AND source=\? AND reason=\?\)/,
  )
})
