import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SealFolder } from '../../src/seal/seal-folder.ts'

test('FIFOs in place of a seal and of the signers are no seal and no signers, and hold nothing up', (t) => {
  const state = mkdtempSync(join(tmpdir(), 'wattledger-seals-'))
  t.after(() => rmSync(state, { recursive: true }))
  const folder = new SealFolder(state)
  mkdirSync(folder.path)
  execFileSync('mkfifo', [folder.at('2026-11-22.seal'), folder.at('allowed_signers')])
  assert.throws(() => folder.newest(), { code: 'SEAL_BROKEN' })
  assert.deepEqual([...folder.signers()], [])
})
