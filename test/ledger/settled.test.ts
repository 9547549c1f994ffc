import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { Settled } from '../../src/model/attribution.ts'
import type { LedgerBatch } from '../../src/model/batch.ts'
import type { RestatementRow } from '../../src/model/carbon.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { splitBatch, splitHours } from './consumers-setting.ts'
import {
  afterwards,
  recordingLogger,
  scratchDirectory,
  standIn,
  standInHour,
  startLedger,
  steadyBatch,
  T0,
} from './setting.ts'

const HOUR_UJ = 360_000_000_000n

async function startNew(t: TestContext, options: Parameters<typeof startLedger>[2] = {}) {
  const path = join(scratchDirectory(t), 'ledger.db')
  return { path, ledger: await startLedger(t, path, options) }
}

/** `splitHours` with emissions of the hour, and with water. */
function hourBatch(hour: number): LedgerBatch {
  const batch = splitHours(hour, 1)
  const nodeRows = batch.nodeRows.map((row) => ({ ...row, siteWaterUl: 7n, gridWaterUl: 3n }))
  const emissions = [
    standInHour(2 * hour + 1, hour, 'late'),
    { ...standInHour(2 * hour + 2, hour, 'late'), account: 'embodied', co2eUg: 1_001n } as const,
  ]
  return { ...batch, nodeRows, carbon: { emissions, restatements: [] } }
}

/** Energy of the hours of a ledger, of the node and by tenant. */
function hoursIn(path: string, fromUnixMs: number, untilUnixMs: number) {
  const db = openReadOnly(path).defaultSafeIntegers()
  try {
    const within = `start_unix_ms >= ${fromUnixMs} AND start_unix_ms < ${untilUnixMs}`
    const node = db.prepare<[], bigint>(`SELECT sum(energy_uj) FROM node_hour WHERE ${within}`).pluck().get()
    const tenants = db
      .prepare<[], [string, bigint]>(
        `SELECT tenant, sum(idle_uj + dynamic_uj) FROM consumer_hour WHERE ${within} GROUP BY 1 ORDER BY 1`,
      )
      .raw()
      .all()
    return { node, tenants }
  } finally {
    db.close()
  }
}

function eventsIn(path: string): unknown[] {
  const db = openReadOnly(path)
  try {
    return db.prepare('SELECT what, detail FROM events').raw().all()
  } finally {
    db.close()
  }
}

function energies({ node, tenants }: Settled) {
  return { node: node.energyUj, tenants: [...tenants].map(([tenant, { energyUj }]) => [tenant, energyUj]).sort() }
}

/** What the ledger says of it now. */
function settledIn({ settled }: Ledger): Settled {
  assert.ok(settled)
  return settled
}

/** Each figure of the tenants sums to the node's. */
function assertWhole({ node, tenants }: Settled): void {
  const sum = (figure: (total: Settled['node']) => bigint) => [...tenants.values()].reduce((a, b) => a + figure(b), 0n)
  const figures: ((total: Settled['node']) => bigint)[] = [
    (total) => total.energyUj,
    (total) => total.co2eUg.location['life-cycle'],
    (total) => total.co2eUg.embodied['life-cycle'],
    (total) => total.siteWaterUl,
    (total) => total.gridWaterUl,
  ]
  for (const figure of figures) assert.equal(sum(figure), figure(node))
}

test('an hour is closed when all of it has come: energy, emissions, water, of the node and of each tenant', async (t) => {
  const { ledger } = await startNew(t)
  const { settledUnixMs, ...hour } = hourBatch(0)
  ledger.write({ ...hour, settledUnixMs: T0 + HOUR_MS + 999 })
  assert.equal(ledger.settled, null)
  ledger.write(steadyBatch(360))
  const settled = settledIn(ledger)
  assert.equal(settled.untilUnixMs, T0 + HOUR_MS)
  assert.deepEqual(settled.node, {
    energyUj: HOUR_UJ,
    co2eUg: {
      location: { direct: 0n, 'life-cycle': 342_060_000n },
      market: { direct: 0n, 'life-cycle': 0n },
      embodied: { direct: 0n, 'life-cycle': 1_001n },
    },
    siteWaterUl: 2520n,
    gridWaterUl: 1080n,
  })
  assertWhole(settled)
  // Two fifths of the energy, and one third of what was idle.
  const shop = settled.tenants.get('shop')
  assert.equal(shop?.energyUj, 144_000_000_360n)
  assert.equal(shop?.co2eUg.location['life-cycle'], 136_824_000n)
  assert.equal(shop?.co2eUg.embodied['life-cycle'], 334n)
  assert.equal(shop?.siteWaterUl, 1008n)
})

test('the difference of two settled figures is what the hours between them have, and outlives a restart', async (t) => {
  const { path, ledger } = await startNew(t)
  ledger.write(hourBatch(0))
  const first = settledIn(ledger)
  await ledger.stop()
  const next = await startLedger(t, path)
  assert.deepEqual(next.settled, first)
  // Half an hour without a batch, then all of two hours at once.
  next.write({ ...hourBatch(1), settledUnixMs: T0 + 1.5 * HOUR_MS })
  assert.deepEqual(next.settled, first)
  next.write(hourBatch(2))
  const second = settledIn(next)
  assert.equal(second.untilUnixMs, T0 + 3 * HOUR_MS)
  assertWhole(second)
  const [a, b] = [energies(first), energies(second)]
  const between = hoursIn(path, first.untilUnixMs, second.untilUnixMs)
  assert.equal(b.node - a.node, between.node)
  const grown = b.tenants.map(([tenant, uj], n) => [tenant, BigInt(uj ?? 0) - BigInt(a.tenants[n]?.[1] ?? 0)])
  assert.deepEqual(grown, between.tenants)
})

test('a tenant that uses nothing any more keeps its total; without attribution there is the node alone', async (t) => {
  const { ledger } = await startNew(t)
  ledger.write({ ...hourBatch(0), consumerRows: [] })
  assert.deepEqual(settledIn(ledger).tenants, new Map())
  ledger.write(hourBatch(1))
  const before = settledIn(ledger).tenants
  assert.deepEqual([...before.keys()].sort(), ['lab', 'shop'])
  ledger.write({ ...hourBatch(2), consumerRows: [] })
  assert.equal(settledIn(ledger).node.energyUj, 3n * HOUR_UJ)
  assert.deepEqual(settledIn(ledger).tenants, before)
})

test('while the disk takes no writes nothing is settled; then all hours of the outage are', async (t) => {
  const { path, ledger } = await startNew(t, { logger: recordingLogger(), queueLimit: 10, busyTimeoutMs: 0 })
  const other = new Database(path)
  afterwards(t, () => other.close())
  ledger.write(splitBatch(0))
  other.exec('BEGIN IMMEDIATE')
  for (let n = 1; n < 800; n++) ledger.write(splitBatch(n))
  assert.equal(ledger.settled, null)
  other.exec('COMMIT')
  ledger.write(splitBatch(800))
  const settled = settledIn(ledger)
  assert.equal(settled.untilUnixMs, T0 + 2 * HOUR_MS)
  assert.equal(settled.node.energyUj, 2n * HOUR_UJ)
  assertWhole(settled)
})

test('energy of a closed hour counts with the next to close, once, and is told of; also over a restart', async (t) => {
  const { path, ledger } = await startNew(t)
  ledger.write(hourBatch(0))
  const closed = ledger.settled
  // The clock was set back by an hour: the same minutes pass again, with a booking that grows.
  const again = splitBatch(3)
  const emission = { ...standInHour(1, 0, 'late'), co2eUg: 342_060_007n }
  const late = { ...again, carbon: { emissions: [emission], restatements: [] } }
  ledger.write(late)
  assert.deepEqual(ledger.settled, closed)
  await ledger.stop()
  const next = await startLedger(t, path)
  assert.deepEqual(next.settled, closed)
  next.write({ ...splitBatch(4), settledUnixMs: T0 + HOUR_MS + 999 })
  assert.deepEqual(next.settled, closed)
  assert.deepEqual(eventsIn(path), [])
  next.write({ ...steadyBatch(359), settledUnixMs: T0 + HOUR_MS + 1000 })
  const settled = settledIn(next)
  assert.equal(settled.untilUnixMs, T0 + HOUR_MS)
  assert.equal(settled.node.energyUj, hoursIn(path, T0, T0 + HOUR_MS).node)
  assert.equal(settled.node.co2eUg.location['life-cycle'], 342_060_007n)
  assert.deepEqual(energies(settled).tenants, hoursIn(path, T0, T0 + HOUR_MS).tenants)
  const detail = '3000.0 J came for hours that were closed, as after a clock was set back, and count from now on'
  assert.deepEqual(eventsIn(path), [['settled_late', detail]])
  next.write(hourBatch(1))
  assert.equal(settledIn(next).node.energyUj, hoursIn(path, T0, T0 + 2 * HOUR_MS).node)
})

test('a clock that was years ahead for a moment stops nothing', async (t) => {
  const { path, ledger } = await startNew(t)
  ledger.write(hourBatch(0))
  const ahead = 4 * 365 * 24
  ledger.write({ ...hourBatch(ahead), consumerRows: [] })
  assert.equal(settledIn(ledger).untilUnixMs, T0 + (ahead + 1) * HOUR_MS)
  for (let hour = 1; hour < 4; hour++) ledger.write(hourBatch(hour))
  const all = hoursIn(path, 0, Number.MAX_SAFE_INTEGER)
  assert.equal(settledIn(ledger).node.energyUj, all.node)
  assert.deepEqual(energies(settledIn(ledger)).tenants, all.tenants)
})

test('emissions are settled as they stand when the hour is closed; a later restatement is not', async (t) => {
  const { ledger } = await startNew(t)
  const restate = (id: number, replacesId: number | null, beforeUg: bigint, afterUg: bigint): RestatementRow => ({
    id,
    atUnixMs: T0,
    emissionId: 1,
    replacesId,
    factor: { ...standIn('measured'), basis: 'direct' },
    beforeUg,
    afterUg,
  })
  const { carbon, ...hour } = hourBatch(0)
  ledger.write({ ...hour, carbon: { ...carbon, restatements: [restate(1, null, 342_060_000n, 100_000_000n)] } })
  assert.deepEqual(settledIn(ledger).node.co2eUg.location, { direct: 100_000_000n, 'life-cycle': 0n })
  assert.deepEqual(settledIn(ledger).tenants.get('shop')?.co2eUg.location, { direct: 40_000_000n, 'life-cycle': 0n })
  ledger.write({ ...steadyBatch(360), carbon: { emissions: [], restatements: [restate(2, 1, 100_000_000n, 50n)] } })
  ledger.write(hourBatch(1))
  assert.equal(settledIn(ledger).node.co2eUg.location.direct, 100_000_000n)
})

test('a ledger that was there before begins with the hour of its first batch', async (t) => {
  const { path, ledger } = await startNew(t)
  ledger.write(hourBatch(0))
  await ledger.stop()
  const db = new Database(path)
  db.exec('DELETE FROM settlement; DELETE FROM settled_total')
  db.close()
  rmSync(`${path}.totals`)
  const next = await startLedger(t, path)
  assert.equal(next.settled, null)
  next.write(steadyBatch(360))
  assert.equal(next.settled, null)
  next.write(hourBatch(1))
  assert.equal(settledIn(next).node.energyUj, HOUR_UJ + 1_000_000_000n)
})
