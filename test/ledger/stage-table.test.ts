import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { ReportRows } from '../../src/ledger/report-rows.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import type { LifeStage, StageShare } from '../../src/model/life-stage.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { afterwards, scratchDirectory, startLedger, steadyBatch } from './setting.ts'

const START = Date.UTC(2026, 10, 21, 23)

const share = (stage: LifeStage, ppm: bigint | null, source = 'study'): StageShare => ({
  stage,
  ppm,
  lowPpm: ppm === null ? null : ppm / 2n,
  highPpm: ppm === null ? null : ppm * 2n,
  source,
})
const stages = (transport: bigint | null, source = 'study') => [
  share('manufacturing', 1_000_000n, source),
  share('transport', transport, source),
  share('end-of-life', 20_000n, source),
]

/** So many µg of the making in an hour, with what the stages are at its end. */
function hour(index: number, embodiedUg: bigint | null, now: readonly StageShare[]): LedgerBatch {
  const steady = steadyBatch(0)
  const [node] = steady.nodeRows
  assert.ok(node)
  const startUnixMs = START + index * HOUR_MS
  return {
    ...steady,
    atUnixMs: startUnixMs + 60_000,
    channelRows: [],
    partRows: [],
    gaps: [],
    nodeRows: [{ ...node, startUnixMs, endUnixMs: startUnixMs + 60_000, embodiedUg }],
    carbon: { emissions: [], restatements: [], stages: now },
  }
}

async function started(t: TestContext): Promise<{ readonly path: string; readonly ledger: Ledger }> {
  const path = join(scratchDirectory(t), 'ledger.db')
  return { path, ledger: await startLedger(t, path, { unixMs: () => START + 10 * HOUR_MS }) }
}

function rowsOf(t: TestContext, path: string, sql: string): unknown[] {
  const db = openReadOnly(path)
  afterwards(t, () => db.close())
  return db.prepare(sql).raw().all()
}

test('each day has the stages by what they were of the making then', async (t) => {
  const { path, ledger } = await started(t)
  // The day ends after the first hour; the study changes with the third.
  ledger.write(hour(0, 10_000_000n, stages(40_000n)))
  ledger.write(hour(1, 20_000_000n, stages(40_000n)))
  ledger.write(hour(2, 30_000_000n, stages(80_000n, 'second study')))
  ledger.write(hour(3, 30_000_000n, stages(80_000n, 'second study')))
  assert.deepEqual(
    rowsOf(
      t,
      path,
      'SELECT day, stage, scope3_category, counted, co2e_g, low_g, high_g, source FROM embodied_stages_daily',
    ),
    [
      ['2026-11-21', 'manufacturing', '2', 'yes', 10, 5, 20, 'study'],
      ['2026-11-21', 'transport', '4', 'no', 0.4, 0.2, 0.8, 'study'],
      ['2026-11-21', 'end-of-life', '5 or 12', 'no', 0.2, 0.1, 0.4, 'study'],
      // The third hour began before its flush told of the change.
      ['2026-11-22', 'manufacturing', '2', 'yes', 80, 40, 160, 'study,second study'],
      ['2026-11-22', 'transport', '4', 'no', 4.4, 2.2, 8.8, 'study,second study'],
      ['2026-11-22', 'end-of-life', '5 or 12', 'no', 1.6, 0.8, 3.2, 'study,second study'],
    ],
  )
  // What does not change is written once.
  assert.deepEqual(rowsOf(t, path, 'SELECT count(*) FROM embodied_stage'), [[6]])
  await ledger.stop()
  const rows = new ReportRows(path)
  afterwards(t, () => rows.close())
  const sums = rows.stages({ from: START, until: START + 2 * HOUR_MS })
  assert.deepEqual(
    sums.map(({ stage, ug, lowUg, highUg }) => [stage, ug, lowUg, highUg]),
    [
      ['manufacturing', 30_000_000n, 15_000_000n, 60_000_000n],
      ['transport', 1_200_000n, 600_000n, 2_400_000n],
      ['end-of-life', 600_000n, 300_000n, 1_200_000n],
    ],
  )
})

test('a restart with the same stages adds nothing, and the sum of the making is that of the hours', async (t) => {
  const { path, ledger } = await started(t)
  ledger.write(hour(0, 7n, stages(1n)))
  await ledger.stop()
  const again = await startLedger(t, path, { unixMs: () => START + 10 * HOUR_MS })
  again.write(hour(1, 5n, stages(1n)))
  assert.deepEqual(rowsOf(t, path, 'SELECT count(*) FROM embodied_stage'), [[3]])
  await again.stop()
  const rows = new ReportRows(path)
  afterwards(t, () => rows.close())
  assert.equal(rows.stages({ from: START, until: START + 24 * HOUR_MS })[0]?.ug, 12n)
})

test('what is not known of an hour or of a stage is not known of the sum', async (t) => {
  const { path, ledger } = await started(t)
  ledger.write(hour(0, 10n, stages(null)))
  ledger.write(hour(1, null, stages(null)))
  await ledger.stop()
  const rows = new ReportRows(path)
  afterwards(t, () => rows.close())
  const ugOf = (hours: number) => rows.stages({ from: START, until: START + hours * HOUR_MS }).map(({ ug }) => ug)
  assert.deepEqual(ugOf(1), [10n, null, 0n])
  assert.deepEqual(ugOf(2), [null, null, null])
})

test('a machine without a making has no stages', async (t) => {
  const { path, ledger } = await started(t)
  ledger.write(hour(0, null, []))
  assert.deepEqual(rowsOf(t, path, 'SELECT * FROM embodied_stages_daily'), [])
  await ledger.stop()
})
