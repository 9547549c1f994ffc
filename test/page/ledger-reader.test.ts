import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { DAY_MS } from '../../src/model/time.ts'
import type { History } from '../../src/page/ledger/history.ts'
import { LedgerReader, NoAnswer } from '../../src/page/ledger/ledger-reader.ts'
import type { Question } from '../../src/page/ledger/questions.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { handMade, START } from '../report/hand-made.ts'

const NONE = { source: 'none' } as const
const question = (points: number): Question => ({ kind: 'history', from: START, until: START + DAY_MS, points })
const busy = (words: RegExp) => (error: unknown) =>
  error instanceof NoAnswer && error.isBusy && words.test(error.message)

test('the thread is there while somebody asks, and begins anew when it is asked again', async (t) => {
  const reader = new LedgerReader({ path: join(await handMade(t), 'ledger.db'), tariff: NONE, idleMs: 1 })
  t.after(() => reader.close())
  assert.equal(reader.isRunning, false)
  for (let round = 0; round < 2; round++) {
    const history = JSON.parse(await reader.ask(question(24))) as History
    assert.equal(history.total.energy_kwh, 7)
    while (reader.isRunning) await setImmediate()
  }
})

test('questions wait their turn, the same one is asked once, and there is an end to waiting', async (t) => {
  const reader = new LedgerReader({ path: join(await handMade(t), 'ledger.db'), tariff: NONE })
  t.after(() => reader.close())
  const asked = [1, 2, 3, 4, 5, 6, 7, 8].map((points) => reader.ask(question(points)))
  assert.equal(reader.ask(question(3)), asked[2])
  await assert.rejects(reader.ask(question(9)), busy(/^too many questions wait for the ledger/))
  const lengths = (await Promise.all(asked)).map((json) => (JSON.parse(json) as History).time.length)
  // A day from 22:00 on, in steps of 14 days to 3 hours that begin with whole ones.
  assert.deepEqual(lengths, [2, 3, 3, 5, 5, 5, 5, 9])
})

test('what takes too long is given up, and the next question has a new thread', async (t) => {
  const path = join(await handMade(t), 'ledger.db')
  const slow = new LedgerReader({ path, tariff: NONE, deadlineMs: 1 })
  t.after(() => slow.close())
  const words = /^the ledger took longer than 0.001 s: ask for a shorter span$/
  const both = [slow.ask(question(1)), slow.ask(question(2))]
  for (const one of both) await assert.rejects(one, busy(words))
  assert.equal(slow.isRunning, false)
})

test('a reader that is closed refuses what waits and what comes', async (t) => {
  const reader = new LedgerReader({ path: join(await handMade(t), 'ledger.db'), tariff: NONE })
  const waiting = [reader.ask(question(1)), reader.ask(question(2))]
  const outcomes = Promise.allSettled(waiting)
  await reader.close()
  await reader.close()
  assert.deepEqual(
    (await outcomes).map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  await assert.rejects(reader.ask(question(3)), busy(/^the agent is stopping$/))
  assert.equal(reader.isRunning, false)
})

test('prices that cannot be read cost the costs alone', async (t) => {
  const tariff = { source: 'file', currency: 'EUR', path: join(scratchDirectory(t), 'prices.csv') } as const
  const reader = new LedgerReader({ path: join(await handMade(t), 'ledger.db'), tariff })
  t.after(() => reader.close())
  const history = JSON.parse(await reader.ask(question(24))) as History
  assert.equal(history.total.energy_kwh, 7)
  assert.deepEqual([history.cost, history.total.cost], [null, null])
  assert.match(history.cost_fault ?? '', /prices\.csv/)
})
