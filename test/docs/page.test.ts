import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { LONGEST_SPAN_DAYS, MOST_POINTS } from '../../src/page/ledger/questions.ts'
import { servePage } from '../page/served-page.ts'
import { handMade, START } from '../report/hand-made.ts'

const text = readFileSync(join(resolve(import.meta.dirname, '../../docs'), 'page.md'), 'utf8')

test('each command of docs/page.md is answered', async (t) => {
  const { get } = await servePage(t, await handMade(t), { unixMs: () => START + 4 * 3_600_000 })
  const paths = [...text.matchAll(/^curl "?http:\/\/localhost:10910(\/[^"\n]+)"?$/gm)].map(([, path = '']) => path)
  assert.equal(paths.length, 4)
  for (const path of paths) assert.equal((await get(path)).status, 200, path)
})

test('its bounds are those of the code', () => {
  assert.ok(text.includes(`at most ${LONGEST_SPAN_DAYS.toLocaleString('en')} days`))
  assert.ok(text.replaceAll(/\s+/g, ' ').includes(`(300, at most ${MOST_POINTS.toLocaleString('en')})`))
})
