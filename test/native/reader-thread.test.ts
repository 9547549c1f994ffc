import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ReaderThread } from '../../src/native/reader-thread.ts'

const root = mkdtempSync(join(tmpdir(), 'reader-thread-'))
const path = join(root, 'energy_uj')
writeFileSync(path, '42\n')
after(() => rmSync(root, { recursive: true }))

const { signal } = new AbortController()

async function opened(): Promise<ReaderThread> {
  const thread = new ReaderThread({ reader: { type: 'files', paths: [path] }, intervalMs: 3_600_000 })
  await thread.open(10_000, signal)
  return thread
}

test('a reading asked for is given to who asked, though all is drained meanwhile', async () => {
  const thread = await opened()
  for (let n = 0; n < 50; n++) {
    const asked = thread.readNow(10_000, signal)
    // The sweep is in the ring before its signal is on the event loop: drained in between.
    const untilMs = performance.now() + 2
    while (performance.now() < untilMs);
    thread.drain()
    const [reading] = await asked
    assert.ok(reading !== undefined && 'value' in reading)
    assert.equal(reading.value, 42n)
  }
  await thread.close()
})

test('two who ask at once are both answered', async () => {
  const thread = await opened()
  await thread.readNow(10_000, signal)
  for (let n = 0; n < 50; n++) {
    const [one, two] = await Promise.all([thread.readNow(10_000, signal), thread.readNow(10_000, signal)])
    assert.equal(one.length, 1)
    assert.equal(two.length, 1)
  }
  await thread.close()
})
