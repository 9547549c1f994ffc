import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { holdReads } from './held-reads.ts'
import { ADDON, FILES, MINUTE_NS, makePoller, resources, root, SILENT, until, untilNoMoreThan } from './setting.ts'

/** What a worker does with its poller until it is terminated. */
const STAGES: Readonly<Record<string, string>> = {
  constructed: 'make(FILES)',
  opening: 'const p = make(SILENT); p.start()',
  open: 'const p = make(FILES); p.start(); p.readNow()',
  reading: 'const p = make(FILES, 10_000n); p.start(); setInterval(() => p.drain(), 0)',
  signalling: 'const p = make(FILES, 10_000n, () => p.readNow()); p.start()',
  // The end comes in the middle of a call, where nothing can be thrown any more.
  calling: 'const p = make(FILES); p.start(); parentPort.postMessage(0); for (;;) p.state()',
  stopped: 'const p = make(FILES, 10_000n); p.start(); p.stop(0n)',
  forgotten: 'for (let i = 0; i < 20; i += 1) make(FILES, 1_000_000n).start(); gc()',
}

const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { Poller } = require(workerData.addon)
  const { FILES, SILENT } = workerData
  const make = (reader, intervalNs = 3600_000_000_000n, onSignal = () => {}) =>
    new Poller({ ...reader, intervalNs, capacity: 4 }, onSignal)
  setInterval(() => {}, 1_000)
  parentPort.on('message', () => {})
`

async function terminatedAt(stage: string): Promise<void> {
  const workerData = { addon: ADDON, FILES, SILENT }
  const worker = new Worker(`${WORKER}; ${STAGES[stage]}; parentPort.postMessage(0)`, { eval: true, workerData })
  const failed = once(worker, 'error').then(([error]) => Promise.reject(error))
  await Promise.race([once(worker, 'message'), failed])
  assert.equal(await worker.terminate(), 1)
}

for (const stage of Object.keys(STAGES)) {
  test(`a worker may end with its poller ${stage}`, async () => {
    const before = resources()
    for (let round = 0; round < 3; round += 1) await Promise.all([terminatedAt(stage), terminatedAt(stage)])
    await untilNoMoreThan(before)
  })
}

test('two environments poll side by side, and the end of one is nothing to the other', async () => {
  const poller = makePoller({ intervalNs: 1_000_000n })
  poller.start()
  const workerData = { addon: ADDON, FILES, SILENT }
  const script = `${WORKER}; const p = make(FILES, 1_000_000n); p.start()
    setInterval(() => { if (p.state().sweeps > 10n) parentPort.postMessage(p.drain()[0]) }, 1)`
  const worker = new Worker(script, { eval: true, workerData })
  const [value] = await once(worker, 'message')
  assert.equal(value, 123_456n)
  await worker.terminate()
  poller.drain()
  await until(() => poller.drain().length > 0)
  assert.equal(poller.stop(MINUTE_NS), true)
})

test('a worker may end while its read hangs in the kernel, and the read may come back afterwards', async (context) => {
  const held = join(root, 'held')
  writeFileSync(held, '1\n')
  const hold = await holdReads(held)
  if (typeof hold === 'string') {
    context.skip(hold)
    return
  }
  const before = resources()
  try {
    const workerData = { addon: ADDON, FILES: { type: 'files', paths: [held] }, SILENT }
    const worker = new Worker(`${WORKER}; const p = make(FILES); p.start()`, { eval: true, workerData })
    await hold.held
    await worker.terminate()
    assert.equal(resources().threads, before.threads + 1, 'the thread is left behind')
  } finally {
    await hold.release()
  }
  await untilNoMoreThan(before)
})
