import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { EmissionRow, Factor } from '../../src/model/carbon.ts'
import { afterwards, scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const HOUR_MS = 3_600_000

/** A yearly average that stands in, each hour for a reason of its own. */
const standIn = (hour: number): Factor => ({
  zone: 'DE',
  basis: 'life-cycle',
  mgPerKwh: 342_060n,
  source: 'static:ember-2024',
  instrument: 'grid',
  status: 'estimated',
  startsUnixMs: 0,
  endsUnixMs: null,
  dataQuality: 4,
  relativeUncertainty: 0.17,
  reason: `eia: its newest figure ends ${new Date(T0 + hour * HOUR_MS).toISOString()}`,
})

const emission = (id: number, hour: number): EmissionRow => ({
  id,
  account: 'location',
  startUnixMs: T0 + hour * HOUR_MS,
  endUnixMs: T0 + (hour + 1) * HOUR_MS,
  factor: standIn(hour),
  energyUj: 3_600_000_000_000n,
  puePpm: 1_000_000n,
  pueRelativeUncertainty: 0,
  co2eUg: 342_060_000n,
})

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
