import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'

/**
 * MB of heap and of buffers that scrapes leave for a full collection, of which there is none: each of a snapshot of its own, as
 * once a second, with a young generation as packages have it.
 */
function leftMb(scrapes: number): { readonly heap: number; readonly buffers: number } {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { Scrape } from './src/exporter/scrape.ts'
    import { A_SNAPSHOT } from './test/exporter/a-snapshot.ts'
    const scrape = new Scrape({ version: '1', nowMs: () => 0 })
    const once = async () => {
      scrape.forget()
      return (await scrape.body('openmetrics', A_SNAPSHOT)).plain.length
    }
    const used = (name) => getHeapSpaceStatistics().find(({ space_name }) => space_name === name).space_used_size
    const held = () => ({ heap: used('old_space') / 1e6, buffers: process.memoryUsage().arrayBuffers / 1e6 })
    await once()
    // Whoever waits for the first scrape grows old.
    for (let n = 0; n < 3; n++) gc({ type: 'minor' })
    const before = held()
    for (let n = 0; n < ${scrapes}; n++) await once()
    const after = held()
    console.log(JSON.stringify({ heap: after.heap - before.heap, buffers: after.buffers - before.buffers }))`
  const flags = [
    '--expose-gc',
    '--single-threaded',
    '--optimize-for-size',
    '--max-semi-space-size=1',
    '--initial-old-space-size=256',
    '--no-sparkplug',
  ]
  const args = [...flags, '--input-type=module', '-e', program]
  const root = resolve(import.meta.dirname, '../..')
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }))
}

test('what a scrape has made dies young', () => {
  const { heap, buffers } = leftMb(1_000)
  assert.ok(heap < 1, `${heap} MB of the heap`)
  assert.ok(buffers < 1, `${buffers} MB of buffers`)
})
