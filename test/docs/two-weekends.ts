import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { LedgerBatch, PartRow } from '../../src/model/batch.ts'
import { DAY_MS, HOUR_MS } from '../../src/model/time.ts'
import { PACKAGE, scratchDirectory, startLedger } from '../ledger/setting.ts'
import { handMadeBatch, KWH_UJ, MWH_UJ, START } from '../report/hand-made.ts'

/** The evening of the second weekend: what the documents call now. */
export const NOW = START + 7 * DAY_MS + 2 * HOUR_MS - 60_000

/** The first two hours of the hand-made table a week later, when a GPU drew 0.4 of the first kWh. */
function aWeekLater(): LedgerBatch {
  const batch = handMadeBatch()
  const later = <Row extends { readonly startUnixMs: number; readonly endUnixMs: number }>(row: Row): Row => ({
    ...row,
    startUnixMs: row.startUnixMs + 7 * DAY_MS,
    endUnixMs: row.endUnixMs + 7 * DAY_MS,
  })
  const ofBothHours = <Row extends { readonly startUnixMs: number; readonly endUnixMs: number }>(
    rows: readonly Row[],
  ) => rows.filter(({ startUnixMs }) => startUnixMs < START + 2 * HOUR_MS).map(later)
  const emissions = ofBothHours(batch.carbon.emissions)
  const [first, ...others] = ofBothHours(batch.partRows)
  if (first === undefined) throw new Error('the hand-made table has no parts')
  const split: readonly PartRow[] = [
    { ...first, energyUj: 600n * MWH_UJ },
    { ...first, part: 'accelerators', energyUj: 400n * MWH_UJ },
  ]
  return {
    ...batch,
    atUnixMs: NOW,
    settledUnixMs: NOW,
    channelRows: batch.channelRows.map(later).map((row) => ({ ...row, energyUj: KWH_UJ, coveredMs: HOUR_MS })),
    nodeRows: ofBothHours(batch.nodeRows),
    partRows: [...split, ...others],
    gaps: [
      {
        key: PACKAGE,
        startedUnixMs: START + 7 * DAY_MS + HOUR_MS,
        endedUnixMs: START + 7 * DAY_MS + HOUR_MS + 36_000,
        reason: 'reset',
      },
    ],
    events: [
      {
        atUnixMs: START + 7 * DAY_MS + HOUR_MS,
        what: 'sensor_unavailable',
        detail: 'ipmi: SENSOR_TIMEOUT no answer within 10 s',
      },
      { atUnixMs: START + 7 * DAY_MS + HOUR_MS + 60_000, what: 'sensor_recovered', detail: 'ipmi' },
    ],
    carbon: {
      emissions: emissions.map((row, index) => ({ ...row, id: 7 + index })),
      restatements: [],
      stages: batch.carbon.stages ?? [],
    },
    consumerRows: batch.consumerRows
      .filter(({ hourUnixMs }) => hourUnixMs < START + 2 * HOUR_MS)
      .map((row) => ({ ...row, hourUnixMs: row.hourUnixMs + 7 * DAY_MS })),
  }
}

/** The folder of a ledger with the hand-made hours of a report and those of a week later, as the ledger's own writer keeps it. */
export async function twoWeekends(t: TestContext): Promise<string> {
  const folder = scratchDirectory(t)
  mkdirSync(folder, { recursive: true })
  let unixMs = START + 4 * HOUR_MS + 10_000
  const ledger = await startLedger(t, join(folder, 'ledger.db'), { unixMs: () => unixMs })
  ledger.write(handMadeBatch())
  unixMs = NOW
  ledger.write(aWeekLater())
  await ledger.stop()
  return folder
}
