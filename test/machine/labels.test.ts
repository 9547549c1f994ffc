import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { labelsFrom } from '../../src/machine/labels.ts'

test('a label is what is written, or what a file or the firmware says', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-labels-'))
  t.after(() => rmSync(root, { recursive: true }))
  const dmi = join(root, 'class/dmi/id')
  mkdirSync(dmi, { recursive: true })
  writeFileSync(join(root, 'rack'), '  r12 \nsecond line\n')
  writeFileSync(join(root, 'empty'), '\n')
  writeFileSync(join(dmi, 'chassis_asset_tag'), 'FRA1-R12-U07\n')
  writeFileSync(join(dmi, 'board_asset_tag'), 'To Be Filled By O.E.M.\n')
  const configured = {
    campus: 'fra1',
    rack: `file:${join(root, 'rack')}`,
    slot: 'dmi:chassis_asset_tag',
    board: 'dmi:board_asset_tag',
    row: `file:${join(root, 'none')}`,
    room: `file:${join(root, 'empty')}`,
    out: 'dmi:../../../rack',
  }
  assert.deepEqual(labelsFrom(configured, root), {
    labels: { campus: 'fra1', rack: 'r12', slot: 'FRA1-R12-U07' },
    missing: ['board', 'row', 'room', 'out'],
  })
})
