import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mock, type TestContext, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { Bookkeeper } from '../../src/integration/bookkeeper.ts'
import { ShownFile } from '../../src/integration/shown-file.ts'
import { totalsOf } from '../../src/integration/shown-totals.ts'
import { encode } from '../../src/ledger/bigint-json.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { STEPS } from '../../src/ledger/schema/steps.ts'
import type { LedgerState } from '../../src/model/batch.ts'
import { checkedText, checksumOf } from '../../src/model/checked-text.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { Rig } from '../attribution/rig.ts'
import { aCarbon, value } from '../carbon/a-carbon.ts'
import { estimateChannel, machine, power, watts } from '../integration/machine.ts'
import fc, { runs } from '../property.ts'
import { splitBatch } from './consumers-setting.ts'
import { recordingLogger, scratchDirectory, standInHour, startLedger, T0 } from './setting.ts'

const LAST = splitBatch(9)
const NEXT_BATCH = { ...splitBatch(10), carbon: { emissions: [standInHour(1, 0, 'x')], restatements: [] } }
const TOTALS = totalsOf(LAST.state)

/** Whether any total is less than it was. */
function isBelow(state: LedgerState): boolean {
  const found = totalsOf(state)
  return [...TOTALS].some(([name, total]) => (found.get(name) ?? 0n) < total)
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Another thing in the place of one, as JSON has it, or nothing at all. */
const STRANGE = [
  undefined,
  'null',
  'true',
  '0',
  '-1',
  '1.5',
  '1e400',
  '-1e400',
  '"#-1"',
  '"#0"',
  '"#5"',
  `"#${2n ** 63n}"`,
  `"#${10n ** 40n}"`,
  '"#"',
  '"NaN"',
  '""',
  '"a\\nb"',
  '[]',
  '[null]',
  '{}',
  '{"__proto__":{"a":1}}',
  '{"toString":1}',
] as const

/** Puts something in the place of one of all that a content has. */
function changed(content: Json, at: number, put: Json | undefined): Json | undefined {
  let places = 0
  const count = (found: Json): void => {
    places++
    if (typeof found === 'object' && found !== null) for (const inside of Object.values(found)) count(inside)
  }
  count(content)
  let left = at % places
  const copy = (found: Json): Json | undefined => {
    if (left-- === 0) return put
    if (typeof found !== 'object' || found === null) return found
    if (Array.isArray(found)) return found.map((inside) => copy(inside) ?? null)
    const members = Object.entries(found).map(([name, inside]) => [name, copy(inside)] as const)
    return Object.fromEntries(members.filter(([, inside]) => inside !== undefined)) as Json
  }
  return copy(content)
}

const changes = fc.array(fc.tuple(fc.nat(1_000), fc.constantFrom(...STRANGE)), { minLength: 1, maxLength: 3 })
type Change = readonly [at: number, strange: (typeof STRANGE)[number]]

/** As text, in which also `1e400` may stand. */
function changedBy(content: object, all: readonly Change[]): string {
  let found = JSON.parse(encode(content)) as Json
  for (const [at, strange] of all) found = changed(found, at, strange && `put ${STRANGE.indexOf(strange)}`) ?? null
  return JSON.stringify(found).replace(/"put (\d+)"/g, (_, which) => STRANGE[Number(which)] ?? '')
}

/** What was said of it. */
interface Start {
  readonly state: LedgerState
  readonly said: readonly string[]
}

/** Starts all that goes on from the ledger, looks as a scrape does, counts, and writes. */
async function run(t: TestContext, folder: string): Promise<Start> {
  const logger = recordingLogger()
  const ledger = await startLedger(t, join(folder, 'ledger.db'), { kept: join(folder, 'unwritten'), logger })
  const state = ledger.restore()
  assert.ok(state)
  const { books, clock } = await booksOf(ledger, new ShownFile(join(folder, 'shown'), () => ledger.holders, logger))
  books.setChannels('estimate', [estimateChannel])
  books.openAccount()
  for (let second = 0; second < 5; second++) {
    clock.advance(NS_PER_S)
    books.accept('estimate', [{ first: 0, readings: [power(clock.ns, watts(50))] }])
    books.tick()
    assert.ok(books.snapshot)
  }
  books.flush()
  assert.ok(ledger.health().writable, ledger.health().message ?? '')
  await books.stop()
  await ledger.stop()
  return { state, said: logger.lines.filter(({ level }) => level !== 'info').map(({ event }) => event) }
}

async function booksOf(ledger: Ledger, shown: ShownFile) {
  const { clock, account } = new Rig()
  const { carbon } = aCarbon({ sources: [value(300)], store: ledger, unixMs: clock.unixMs })
  await carbon.start(new AbortController().signal)
  const books = new Bookkeeper({
    store: ledger,
    shown,
    clock,
    bootId: LAST.state.bootId,
    meter: 'auto',
    machine,
    carbon,
    attribution: account,
    selfCpuShare: () => 0.01,
    flushMs: 60_000,
    node: () => ({ name: 'node', labels: {} }),
    sensors: () => [],
  })
  await books.start()
  return { books, clock }
}

/** A ledger with a batch, another that a killed agent kept, and what was shown of them. */
async function written(t: TestContext): Promise<string> {
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  const folder = scratchDirectory(t)
  const ledger = await startLedger(t, join(folder, 'ledger.db'))
  ledger.write(LAST)
  await ledger.stop()
  return folder
}

/** Of each change of a content: puts it into a folder of its own, and starts there. */
async function everyChange(
  t: TestContext,
  content: object,
  put: (folder: string, text: string) => void,
  check: (start: Start) => void,
): Promise<void> {
  const whole = await written(t)
  const property = fc.asyncProperty(changes, async (all) => {
    const folder = scratchDirectory(t)
    cpSync(whole, folder, { recursive: true })
    put(folder, changedBy(content, all))
    check(await run(t, folder))
  })
  await fc.assert(property, { numRuns: runs(200) })
}

const cellOf = (text: string) => {
  const body = deflateRawSync(text)
  return Buffer.concat([hash('sha256', body, 'buffer'), body])
}

function execIn(folder: string, sql: string, ...values: readonly unknown[]): void {
  const db = new Database(join(folder, 'ledger.db'))
  db.prepare(sql).run(...values)
  db.close()
}

test('whatever the cell of the totals has under a right checksum, the copy has what was written', async (t) => {
  const put = (folder: string, text: string) => execIn(folder, 'UPDATE account SET rest = ?', cellOf(text))
  await everyChange(t, LAST.state, put, ({ state }) => assert.ok(!isBelow(state)))
})

test('without a copy what of the cell is not of its shape is said, and the rest of it stays', async (t) => {
  const put = (folder: string, text: string) => {
    rmSync(join(folder, 'ledger.db.totals'))
    execIn(folder, 'UPDATE account SET rest = ?', cellOf(text))
  }
  await everyChange(t, LAST.state, put, ({ state }) => assert.deepEqual(state.channels, LAST.state.channels))
})

test("whatever the copy has under a right checksum, no total is below the ledger's", async (t) => {
  const kept = { format: STEPS.length, turn: 1, state: LAST.state, settlement: null, trustedUnixMs: T0 }
  const put = (folder: string, text: string) => writeFileSync(join(folder, 'ledger.db.totals'), checkedText(text))
  await everyChange(t, kept, put, ({ state, said }) => {
    assert.ok(!isBelow(state) || said.includes('ledger_totals_differ'))
  })
})

const lineOf = (text: string) => `${checksumOf(text)} ${text}\n`

test('whatever a kept batch has under a right checksum, the ledger goes on', async (t) => {
  const { bornUnixMs, bootId, atMonotonicNs } = LAST.state
  const beginning = encode({ format: STEPS.length, bornUnixMs, bootId, atMonotonicNs })
  const put = (folder: string, text: string) =>
    writeFileSync(join(folder, 'unwritten'), lineOf(beginning) + lineOf(text), { mode: 0o600 })
  await everyChange(t, NEXT_BATCH, put, ({ state }) => assert.ok(state.bornUnixMs))
})

test('whatever stands before the kept batches under a right checksum, none of another state is written', async (t) => {
  const { bornUnixMs, bootId, atMonotonicNs } = LAST.state
  const content = { format: STEPS.length, bornUnixMs, bootId, atMonotonicNs }
  const put = (folder: string, text: string) => writeFileSync(join(folder, 'unwritten'), lineOf(text), { mode: 0o600 })
  await everyChange(t, content, put, ({ state }) => assert.deepEqual(totalsOf(state), TOTALS))
})

test('a row of the totals that is not of its shape is said, and the copy has it', async (t) => {
  const whole = await written(t)
  for (const change of ['at_unix_ms = 1 << 62', 'born_unix_ms = -(1 << 62)', 'rest = 7', "rest = 'x'"]) {
    const folder = scratchDirectory(t)
    cpSync(whole, folder, { recursive: true })
    execIn(folder, `UPDATE account SET ${change}`)
    const { state, said } = await run(t, folder)
    assert.deepEqual(state, LAST.state, change)
    assert.deepEqual(said, ['ledger_totals_differ'], change)
  }
})
