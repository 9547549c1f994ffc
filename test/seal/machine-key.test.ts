import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { machineKey } from '../../src/seal/machine-key.ts'
import { sshPublicKey } from '../../src/seal/ssh-signature.ts'
import { scratchDirectory } from '../ledger/setting.ts'

test('the key is made once, for its owner alone, however many ask at the time', async (t) => {
  const state = scratchDirectory(t)
  const program = `
    import { machineKey } from '${import.meta.resolve('../../src/seal/machine-key.ts')}'
    import { sshPublicKey } from '${import.meta.resolve('../../src/seal/ssh-signature.ts')}'
    process.stdout.write(sshPublicKey(machineKey('${state}')).toString('base64'))`
  const asked = Array.from({ length: 4 }, () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return text(child.stdout)
  })
  const keys = new Set(await Promise.all(asked))
  assert.deepEqual([...keys], [sshPublicKey(machineKey(state)).toString('base64')])
  assert.deepEqual(readdirSync(state), ['seal.key'])
  assert.equal((statSync(join(state, 'seal.key')).mode & 0o777).toString(8), '600')
})

test('a key that others may read, or that is none, is refused with a remedy and stays as it is', (t) => {
  const state = scratchDirectory(t)
  const path = join(state, 'seal.key')
  machineKey(state)
  const pem = readFileSync(path, 'utf8')
  for (const mode of [0o640, 0o604, 0o620]) {
    chmodSync(path, mode)
    assert.throws(() => machineKey(state), { code: 'SEAL_KEY', message: new RegExp(`chmod 0600 ${path}$`) })
  }
  chmodSync(path, 0o600)
  for (const content of ['', 'nonsense', pem.slice(0, 60)]) {
    writeFileSync(path, content)
    assert.throws(() => machineKey(state), {
      code: 'SEAL_KEY',
      message: /is not a private key in PEM.*restore the file$/,
    })
    assert.equal(readFileSync(path, 'utf8'), content)
  }
  rmSync(path)
  symlinkSync(join(state, 'elsewhere'), path)
  assert.throws(() => machineKey(state), { code: 'SEAL_KEY', message: /cannot be read \(ELOOP\)/ })
  rmSync(path)
  mkdirSync(path)
  assert.throws(() => machineKey(state), { code: 'SEAL_KEY' })
})
