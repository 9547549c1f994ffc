import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { columnsOf, type Sums } from '../../src/ledger/settlement/sums.ts'
import { SettlementTable } from '../../src/ledger/tables/settlement-table.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import type { EmissionRow } from '../../src/model/carbon.ts'
import { floorTo, HOUR_MS } from '../../src/model/time.ts'
import fc, { runs } from '../property.ts'
import { consumerRow, POD, WEB } from './consumers-setting.ts'
import { recordingLogger, scratchDirectory, standInHour, startLedger, steadyBatch, T0 } from './setting.ts'

/** What happens before a batch: time passes, the clock is set, the disk fails, or the agent begins anew. */
const step = fc.record({
  passesMs: fc.integer({ min: 60_000, max: 2 * HOUR_MS }),
  setByMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: -3 * HOUR_MS, max: 3 * HOUR_MS })),
  energyUj: fc.bigInt({ min: 0n, max: 10n ** 12n }),
  labPpm: fc.bigInt({ min: 0n, max: 1_000_000n }),
  idlePpm: fc.bigInt({ min: 0n, max: 1_000_000n }),
  ug: fc.bigInt({ min: 0n, max: 10n ** 9n }),
  isBlocked: fc.boolean(),
  isRestart: fc.boolean(),
})

/** One batch at a time of the clock, of which all has come: bookings of an hour grow, whichever way the clock goes. */
class Agent {
  readonly #bookings = new Map<number, EmissionRow>()
  #n = 0

  batchAt(
    unixMs: number,
    { energyUj, labPpm, idlePpm, ug }: Pick<Step, 'energyUj' | 'labPpm' | 'idlePpm' | 'ug'>,
  ): LedgerBatch {
    const startUnixMs = floorTo(60_000, unixMs)
    const hourUnixMs = floorTo(HOUR_MS, unixMs)
    const steady = steadyBatch(this.#n++)
    const nodeRows = steady.nodeRows.map((row) => {
      return { ...row, startUnixMs, endUnixMs: unixMs, energyUj, siteWaterUl: energyUj / 7n, gridWaterUl: null }
    })
    const labUj = (energyUj * labPpm) / 1_000_000n
    const consumerRows = [labUj, energyUj - labUj].map((uj, n) => {
      const idleUj = (uj * idlePpm) / 1_000_000n
      return consumerRow(n === 0 ? POD : WEB, n === 0 ? 'lab' : 'shop', { hourUnixMs, idleUj, dynamicUj: uj - idleUj })
    })
    // Where there is no energy, there is nobody to share emissions with.
    const emissions = energyUj === 0n ? [] : [this.#grown(hourUnixMs, ug)]
    const carbon = { emissions, restatements: [] }
    return { ...steady, channelRows: [], nodeRows, partRows: [], consumerRows, carbon, settledUnixMs: unixMs }
  }

  #grown(hourUnixMs: number, ug: bigint): EmissionRow {
    const hour = (hourUnixMs - T0) / HOUR_MS
    const before = this.#bookings.get(hour) ?? { ...standInHour(this.#bookings.size + 1, hour, 'late'), co2eUg: 0n }
    const row = { ...before, co2eUg: before.co2eUg + ug }
    this.#bookings.set(hour, row)
    return row
  }
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Looks into the ledger; returns how much is settled. */
function check(path: string): bigint[] {
  const db = new Database(path, { readonly: true }).defaultSafeIntegers()
  try {
    const until = Number(db.prepare('SELECT until_unix_ms FROM settlement').pluck().get())
    const settlement = new SettlementTable(db).load()
    assert.ok(settlement)
    const [settled, late] = [settlement.settled, settlement.late].map((sums) => wholeOf(sums))
    const sumOf = (column: string, table: string) =>
      db.prepare(`SELECT ifnull(sum(${column}), 0) FROM ${table} WHERE start_unix_ms < ${until}`).pluck().get()
    const all = settled?.map((figure, column) => figure + (late?.[column] ?? 0n)) ?? []
    assert.equal(all[0], sumOf('energy_uj', 'node_hour'), 'energy')
    assert.equal(all[2], sumOf('co2e_ug', 'emission'), 'emissions')
    assert.equal(all[7], sumOf('site_water_ul', 'node_hour'), 'water')
    return settled ?? []
  } finally {
    db.close()
  }
}

/** The node's figures, which those of the tenants must sum to. */
function wholeOf(sums: Sums | null): bigint[] {
  if (sums === null) return new Array(9).fill(0n)
  const node = columnsOf(sums.node)
  const tenants = sums.tenants.map(columnsOf)
  for (const [column, whole] of node.entries()) {
    assert.equal(
      tenants.reduce((sum, figures) => sum + (figures[column] ?? 0n), 0n),
      whole,
      `column ${column}`,
    )
  }
  return node
}

test('however the clock is set, the disk fails and the agent begins anew: closed hours are settled once, and by tenant', async (t) => {
  const directory = scratchDirectory(t)
  let run = 0
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
    const path = join(directory, `${run++}.db`)
    const options = { logger: recordingLogger(), busyTimeoutMs: 0, queueLimit: 3 }
    let ledger = await startLedger(t, path, options)
    const other = new Database(path)
    const agent = new Agent()
    let unixMs = T0
    let before: bigint[] = []
    for (const one of steps) {
      unixMs += one.passesMs + one.setByMs
      if (one.isBlocked) other.exec('BEGIN IMMEDIATE')
      const isWritten = ledger.write(agent.batchAt(unixMs, one))
      assert.equal(isWritten, !one.isBlocked)
      if (one.isBlocked) other.exec('COMMIT')
      if (isWritten) {
        const settled = check(path)
        for (const [column, figure] of before.entries()) assert.ok((settled[column] ?? 0n) >= figure, 'it never falls')
        assert.equal(ledger.settled?.node.energyUj ?? 0n, settled[0])
        before = settled
      }
      if (!one.isRestart) continue
      await ledger.stop()
      ledger = await startLedger(t, path, options)
    }
    other.close()
    await ledger.stop()
    check(path)
  })
  await fc.assert(property, { numRuns: runs(25) })
})
