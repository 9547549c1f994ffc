import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import type { LedgerBatch } from '../../src/model/batch.ts'
import type { EmissionRow, RestatementRow } from '../../src/model/carbon.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import type { WindowRow } from '../../src/model/window.ts'
import fc, { runs } from '../property.ts'
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
import { WINDOW } from './window-row.ts'

/** What happens to the books from one batch to the next. */
interface Happening {
  readonly what: 'book' | 'grow' | 'restate' | 'begin' | 'end' | 'finish'
  readonly of: number
}

const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom('book', 'grow', 'restate', 'begin', 'end', 'finish'),
  of: fc.nat(20),
})

/** The batches of an agent to whose books all this happens, some of it in each. */
function batchesOf(happenings: readonly (readonly Happening[])[]): LedgerBatch[] {
  const bookings: EmissionRow[] = []
  const windows: WindowRow[] = []
  let restatementId = 0
  return happenings.map((some, n) => {
    const [changed, ended] = [new Set<number>(), new Set<number>()]
    const restatements: RestatementRow[] = []
    for (const { what, of } of some) {
      const [booking, window] = [of % bookings.length, of % windows.length]
      const [booked, open] = [bookings[booking], windows[window]]
      if (what === 'book') {
        changed.add(bookings.length)
        bookings.push(standInHour(bookings.length + 1, -of, 'held'))
      } else if (what === 'grow' && booked !== undefined) {
        changed.add(booking)
        bookings[booking] = { ...booked, energyUj: booked.energyUj + 7n, co2eUg: booked.co2eUg + 3n }
      } else if (what === 'restate' && booked !== undefined) {
        restatements.push({
          id: ++restatementId,
          atUnixMs: T0,
          emissionId: booked.id,
          replacesId: null,
          factor: standIn(`better ${of}`),
          beforeUg: booked.co2eUg,
          afterUg: booked.co2eUg + BigInt(of),
        })
      } else if (what === 'begin') {
        ended.add(windows.length)
        windows.push({ ...WINDOW, id: `window-${windows.length}` })
      } else if (open !== undefined && what !== 'grow' && what !== 'restate') {
        ended.add(window)
        const end = open.end ?? { ns: 9n, unixMs: T0 + of, by: 'client' as const }
        windows[window] = { ...open, end, isFinal: open.isFinal || what === 'finish', energyUj: open.energyUj + 1n }
      }
    }
    const emissions = [...changed].flatMap((index) => bookings[index] ?? [])
    const rows = [...ended].flatMap((index) => windows[index] ?? [])
    return { ...steadyBatch(n), carbon: { emissions, restatements }, windows: rows }
  })
}

test('the books that an agent goes on from are the same whether or not what waits could be written', async (t) => {
  const history = fc.array(fc.array(happening, { maxLength: 8 }), { minLength: 2, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(history, fc.nat(20), async (happenings, hours) => {
      const [folder, other] = [scratchDirectory(t), scratchDirectory(t)]
      const batches = batchesOf(happenings)
      const killed = await startLedger(t, join(folder, 'ledger.db'), { kept: join(folder, 'unwritten') })
      const [first, ...rest] = batches
      assert.ok(first !== undefined && killed.write(first))
      for (const batch of rest) assert.ok(killed.keep(batch))
      cpSync(folder, other, { recursive: true })
      const blocker = new Database(join(other, 'ledger.db'))
      afterwards(t, () => blocker.close())
      blocker.exec('BEGIN IMMEDIATE')
      const options = { kept: join(other, 'unwritten'), logger: recordingLogger(), busyTimeoutMs: 0 }
      const waiting = await startLedger(t, join(other, 'ledger.db'), options)
      assert.equal(waiting.health().writable, false)
      const ids = batches.flatMap(({ windows = [] }) => windows.map(({ id }) => id))
      const seen = () => ({
        restored: waiting.restore(),
        books: waiting.restoreBooks(T0 - hours * HOUR_MS),
        unfinished: [...waiting.windows.unfinished()].sort((a, b) => a.id.localeCompare(b.id)),
        found: ids.map((id) => waiting.windows.find(id)),
      })
      const before = seen()
      blocker.exec('COMMIT')
      const last = batches.at(-1)
      assert.ok(last !== undefined && waiting.write({ ...steadyBatch(batches.length), state: last.state }))
      assert.deepEqual(before, seen())
      await waiting.stop()
      await killed.stop()
    }),
    { numRuns: runs(60) },
  )
})

test('a window whose end is in the ledger has it, though its row waits', async (t) => {
  const ledger = await startLedger(t, join(scratchDirectory(t), 'ledger.db'), {
    kept: join(scratchDirectory(t), 'unwritten'),
  })
  ledger.windows.write([WINDOW], [])
  assert.ok(ledger.write(steadyBatch(0)))
  assert.ok(ledger.keep({ ...steadyBatch(1), windows: [{ ...WINDOW, energyUj: 5n }] }))
  const end = { ns: 9n, unixMs: T0, by: 'client' as const }
  ledger.windows.write([], [{ id: WINDOW.id, end }])
  for (const found of [ledger.windows.find(WINDOW.id), ledger.windows.unfinished()[0]]) {
    assert.deepEqual(found, { ...WINDOW, energyUj: 5n, end })
  }
})
