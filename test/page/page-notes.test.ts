import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Page } from '../../src/page/page.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import { exporterOptions, NO_LEDGER } from '../exporter/served.ts'

/** The times, in seconds, at which a page had a snapshot made within four minutes, noting at each scrape. */
async function notedAt(t: TestContext, scrapedEachS: number): Promise<readonly number[]> {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let atS = 0
  const made: number[] = []
  const snapshot = () => {
    made.push(atS)
    return { ...A_SNAPSHOT, atUnixMs: atS * 1e3 }
  }
  const page = new Page({ ...exporterOptions({ snapshot }), snapshot, ...NO_LEDGER, unixMs: () => atS * 1e3 })
  t.after(() => page.stop())
  await page.start()
  for (atS = 1; atS <= 240; atS++) {
    t.mock.timers.tick(1_000)
    if (atS % scrapedEachS === 0) page.note()
  }
  return made
}

test('totals are noted twice a minute where nobody looks, by the page alone', async (t) => {
  assert.deepEqual(await notedAt(t, 1_000), [0, 35, 70, 105, 140, 175, 210])
})

test('who scrapes each 15 s has them noted with each second scrape, and nothing is made for the page alone', async (t) => {
  assert.deepEqual(await notedAt(t, 15), [0, 30, 60, 90, 120, 150, 180, 210, 240])
})
