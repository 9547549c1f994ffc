import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthOf } from '../../src/exporter/health.ts'
import type { LedgerHealth } from '../../src/model/batch.ts'
import { A_SNAPSHOT } from './a-snapshot.ts'

const ledger: LedgerHealth = { writable: true, queuedBatches: 0, droppedBatches: 0, sizeBytes: 0, message: null }

test('a ledger that is written and a fresh account are healthy', () => {
  assert.deepEqual(healthOf(ledger, A_SNAPSHOT), { ok: true, reasons: [] })
})

test('everything that is wrong is named', () => {
  const [sensor = assert.fail(), ...others] = A_SNAPSHOT.sensors
  const snapshot = {
    ...A_SNAPSHOT,
    node: { ...A_SNAPSHOT.node, powerUw: null },
    sensors: [{ ...sensor, corruptChannels: ['rapl/package/0'] }, ...others],
  }
  assert.deepEqual(healthOf({ ...ledger, writable: false, message: 'disk full' }, snapshot), {
    ok: false,
    reasons: [
      'the ledger cannot be written: disk full',
      'no energy has been counted in the last minute',
      'the readings of rapl/package/0 cannot be true: wattledger doctor shows them',
    ],
  })
  assert.deepEqual(healthOf(ledger, null), { ok: false, reasons: ['starting'] })
})
