import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scrape } from '../../src/exporter/scrape.ts'
import type { SealHead } from '../../src/model/seal.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import { difference, steady } from './golden.ts'

const SEALED: SealHead = { day: '2026-11-22', sha256: 'ab'.repeat(32) }

test('what is compared of a machine is the same before an hour or a day has ended and after', async () => {
  const scrapeOf = async (settled: Snapshot['settled'], head: SealHead | null) => {
    const scrape = new Scrape({ version: '1.2.3', nowMs: () => 0, seal: () => head })
    return `${(await scrape.body('text', { ...A_SNAPSHOT, settled })).plain}`
  }
  const before = await scrapeOf(null, null)
  for (const later of [await scrapeOf(A_SNAPSHOT.settled, null), await scrapeOf(A_SNAPSHOT.settled, SEALED)]) {
    assert.match(later, /^wattledger_settled_energy_joules_total/m)
    assert.ok(steady(later) === steady(before), difference(steady(before), steady(later)))
  }
  assert.match(await scrapeOf(null, SEALED), /^wattledger_seal_info/m)
})

test('a scrape that differs names the lines that are missing and those that are extra, and no other', () => {
  const expected = 'up{sensor="rapl"} 1\n\nlost_total *\nlost_total *\n'
  assert.equal(
    difference(expected, 'up{sensor="rapl"} 0\n\nlost_total *\n'),
    '- up{sensor="rapl"} 1\n- lost_total *\n+ up{sensor="rapl"} 0',
  )
  assert.equal(difference(expected, `lost_total *\n${expected}`), '+ lost_total *')
  assert.equal(difference('a\n\nb', 'b\n\na'), 'all lines are there, in another order')
})
