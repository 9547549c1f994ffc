import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type Database from 'better-sqlite3'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { restOf } from './setting.ts'

/**
 * Lets a process write batches without pause, kills it 0 to 3 ms after a flush began, and looks at what it left; as
 * often as asked, on one ledger. Returns in how many rounds the kill came before the end of a flush.
 */
export async function killInFlushes(path: string, rounds: number): Promise<number> {
  let amidFlush = 0
  let total = 0n
  for (let round = 0; round < rounds; round++) {
    const { begun, acknowledged } = await writeUntilKilled(path, 2 + (round % 7), round % 4)
    if (begun > acknowledged) amidFlush++
    const found = soundTotal(path)
    assert.ok(
      found >= BigInt(acknowledged + 1),
      `round ${round}: ${found} batches after ${acknowledged} was acknowledged`,
    )
    assert.ok(found <= BigInt(begun + 1), `round ${round}: ${found} batches, but ${begun} was the last`)
    assert.ok(found >= total, `round ${round}: ${found} batches after ${total}`)
    total = found
  }
  assert.ok(total >= BigInt(rounds), 'every round got something done')
  return amidFlush
}

/** Batch numbers as the child said them; -1 before the first. */
async function writeUntilKilled(path: string, flushes: number, delayMs: number) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'agent-child.ts'), 'flush', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  let begun = -1
  let acknowledged = -1
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('=')) acknowledged = Number(line.slice(1))
    if (!line.startsWith('+')) continue
    begun = Number(line.slice(1))
    if (++seen !== flushes) continue
    if (delayMs === 0) child.kill('SIGKILL')
    else setTimeout(() => child.kill('SIGKILL'), delayMs)
  }
  const [, signal] = await exit
  assert.equal(signal, 'SIGKILL')
  return { begun, acknowledged }
}

/** How many batches the ledger holds. All that it keeps of them must say the same. */
function soundTotal(path: string): bigint {
  const db = openReadOnly(path).defaultSafeIntegers()
  try {
    assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
    const sums = ['channel', 'node'].flatMap((whose) =>
      ['raw', 'minute', 'hour'].map((grain) => `SELECT sum(energy_uj) FROM ${whose}_${grain}`),
    )
    const totals = [
      ...sums,
      'SELECT sum(idle_uj + dynamic_uj) FROM consumer_hour',
      'SELECT energy_uj FROM counter',
      'SELECT measured_uj FROM account',
    ]
    const { attribution } = restOf(db)
    const split = [attribution?.consumers ?? [], attribution?.tenants ?? []]
    const values = [
      ...totals.map((query) => db.prepare<[], bigint>(query).pluck().get()),
      ...split.map((rows) => rows.reduce((sum, { idleUj, dynamicUj }) => sum + idleUj + dynamicUj, 0n)),
      attribution?.attributedUj,
    ]
    assert.equal(new Set(values).size, 1, values.join())
    assertSettled(db)
    assert.deepEqual(
      db.prepare("SELECT what, detail FROM events WHERE what <> 'settled_late'").all(),
      [],
      'a kill is no damage',
    )
    return (values[0] ?? 0n) / 1_000_000_000n
  } finally {
    db.close()
  }
}

/** The settled figures, with what waits for the next hour, are those of the hours that are closed. */
function assertSettled(db: Database.Database): void {
  const sumOf = (rows: string) => db.prepare(`SELECT ifnull(sum(energy_uj), 0) FROM ${rows}`).pluck().get()
  const closed = sumOf('node_hour WHERE start_unix_ms < (SELECT until_unix_ms FROM settlement)')
  assert.equal(sumOf("settled_total WHERE tenant = ''"), closed)
  assert.equal(sumOf("settled_total WHERE tenant <> ''"), closed)
}
