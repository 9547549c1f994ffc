import { once } from 'node:events'
import { writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { splitBatch } from './consumers-setting.ts'
import { FOREVER, recordingLogger, T0 } from './setting.ts'

/** A process that plays an agent or a reader for the tests: `start PATH`, `read PATH`, `hold PATH`, `write PATH`, `flush PATH`. */
const [role, path = ''] = process.argv.slice(2)
const ledger = new Ledger({ path, keep: FOREVER, logger: recordingLogger(), unixMs: () => T0 })

if (role === 'start') writeSync(1, await attempt(() => ledger.start(AbortSignal.timeout(60_000))))
if (role === 'read') writeSync(1, await attempt(() => openReadOnly(path).prepare('SELECT * FROM node_hourly').all()))
if (role === 'hold') await holdTransaction(openReadOnly(path), 'BEGIN')
if (role === 'write') await holdTransaction(new Database(path), 'BEGIN IMMEDIATE')
if (role === 'flush') await flushForEver()

async function attempt(step: () => unknown): Promise<string> {
  try {
    return JSON.stringify(await step()) ?? 'started'
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : String(error)
  }
}

/** Says how many raw rows it sees when its transaction has begun, and again before it ends with its input. */
async function holdTransaction(db: Database.Database, begin: string): Promise<void> {
  const rows = db.prepare('SELECT count(*) FROM channel_raw').pluck()
  db.exec(begin)
  writeSync(1, `${rows.get()}\n`)
  await once(process.stdin.resume(), 'end')
  writeSync(1, `${rows.get()}\n`)
}

/** Each batch closes an hour. Says `+n` before batch n is written and `=n` once it is durable, until it is killed. */
async function flushForEver(): Promise<void> {
  await ledger.start(AbortSignal.timeout(60_000))
  const reached = ledger.restore()?.channels[0]?.energyUj ?? 0n
  for (let n = Number(reached / 1_000_000_000n); ; n++) {
    writeSync(1, `+${n}\n`)
    if (ledger.write({ ...splitBatch(n), settledUnixMs: T0 + n * 3_600_000 })) writeSync(1, `=${n}\n`)
  }
}
