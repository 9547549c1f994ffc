import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { BatchQueue } from '../../src/ledger/batch-queue.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { LedgerBatch, PartRow } from '../../src/model/batch.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { scratchDirectory, startLedger, steadyBatch, T0 } from './setting.ts'

const WH_UJ = 3_600_000_000n

function partRow(part: PartRow['part'], quality: PartRow['quality'], energyUj: bigint, startUnixMs = T0): PartRow {
  return { part, quality, energyUj, startUnixMs, endUnixMs: startUnixMs + 1_000 }
}

function batch(n: number, { partRows, idleRows }: Pick<LedgerBatch, 'partRows' | 'idleRows'>): LedgerBatch {
  return { ...steadyBatch(n), partRows, idleRows: idleRows ?? [] }
}

function states(path: string): unknown[] {
  const db = openReadOnly(path)
  try {
    return db.prepare('SELECT * FROM node_part_states_hourly').raw().all()
  } finally {
    db.close()
  }
}

test('what is not idle is dynamic; an hour that nobody split says neither; idle is never more than all', async (t) => {
  const path = join(scratchDirectory(t), 'ledger.db')
  const ledger = await startLedger(t, path)
  const partRows = [
    partRow('memory', 'measured', 4n * WH_UJ),
    partRow('memory', 'estimated', 6n * WH_UJ),
    partRow('rest', 'estimated', 2n * WH_UJ),
    partRow('memory', 'measured', 5n * WH_UJ, T0 + HOUR_MS),
  ]
  const idle = (part: PartRow['part'], wh: bigint) => ({ hourUnixMs: T0, part, idleUj: wh * WH_UJ })
  ledger.write(batch(0, { partRows, idleRows: [idle('memory', 3n)] }))
  ledger.write(batch(1, { partRows: [], idleRows: [idle('memory', 1n), idle('rest', 3n)] }))
  const [from, next] = [T0, T0 + HOUR_MS].map((ms) => new Date(ms).toISOString().replace(/\.\d+/, ''))
  assert.deepEqual(states(path), [
    [from, 'memory', 0.004, 0.006, 0.01],
    [from, 'rest', 0.002, 0, 0.002],
    [next, 'memory', null, null, 0.005],
  ])
})

test('hours of batches that found no place keep what was idle', () => {
  const queue = new BatchQueue(1)
  for (let n = 0; n < 4; n++) {
    queue.push(batch(n, { partRows: [], idleRows: [{ hourUnixMs: T0, part: 'rest', idleUj: 5n }] }))
  }
  assert.deepEqual(queue.hours.idleRows, [{ hourUnixMs: T0, part: 'rest', idleUj: 15n }])
})
