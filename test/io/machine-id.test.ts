import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { machineId, shownMachineId } from '../../src/io/machine-id.ts'

test('what is shown of an id tells machines apart, stays, and is not the id', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-machine-id-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const fileOf = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const one = fileOf('one', '0123456789abcdef0123456789abcdef\n')
  const other = fileOf('other', '0123456789abcdef0123456789abcdee\n')
  const image = fileOf('image', 'uninitialized\n')
  // `printf wattledger.machine | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef`
  assert.equal(shownMachineId([join(folder, 'none'), image, one]), '696d848e684b5b861bc747b9e9b44da8')
  assert.notEqual(shownMachineId([other]), shownMachineId([one]))
  assert.deepEqual([machineId([image]), shownMachineId([image])], [null, null])
})
