import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { dayName, sealedLedger } from './setting.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/seals.md'), 'utf8')
const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text)
const has = (program: string) => spawnSync(program, ['-h']).error === undefined

/** Runs the command of the page that has these words, as a user does. */
function run(state: string, words: string) {
  const [command, ...more] = commands.filter((text) => text.includes(words))
  assert.ok(command !== undefined && more.length === 0, words)
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', command], { cwd: state, encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

test('what the page shows checks a seal, and finds a change', {
  skip: !has('ssh-keygen') || !has('openssl'),
}, async (t) => {
  const { state, write, seal } = await sealedLedger(t)
  write(0, 22 + 48 + 1)
  await seal()
  const folder = join(state, 'seals')
  assert.equal(dayName(0), '2026-11-22', 'the day of the page')
  const sealPath = join(folder, '2026-11-22.seal')
  const text = readFileSync(sealPath)

  assert.deepEqual(run(state, 'sha256sum -c'), { status: 0, said: '2026-11-22.jsonl.gz: OK\n' })
  assert.match(
    run(state, '-Y verify').said,
    /^Good "wattledger-seal" signature for wattledger with ED25519 key SHA256:/,
  )
  assert.deepEqual(run(state, 'does not follow'), { status: 0, said: '' })
  assert.equal(run(state, 'gzip -dc').said.trimEnd().split('\n').length, 22)

  assert.equal(run(state, 'ts -query').status, 0)
  answerOf(state, folder)
  assert.match(run(state, 'ts -verify').said, /^Verification: OK$/m)

  writeFileSync(sealPath, text.toString().replace(/^energy_uj .*$/m, 'energy_uj 5'))
  assert.notEqual(run(state, '-Y verify').status, 0)
  assert.equal(run(state, 'does not follow').said, '2026-11-23.seal does not follow\n')
  assert.notEqual(run(state, 'ts -verify').status, 0)
  appendFileSync(join(folder, '2026-11-22.jsonl.gz'), 'x')
  assert.match(run(state, 'sha256sum -c').said, /^2026-11-22.jsonl.gz: FAILED$/m)
  const commandsRun = ['sha256sum -c', '-Y verify', 'does not follow', 'gzip -dc', 'ts -query', 'ts -verify']
  assert.equal(commands.length, commandsRun.length)
})

/** An authority of our own answers the request. */
function answerOf(state: string, folder: string): void {
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: state, stdio: 'pipe' })
  writeFileSync(
    join(state, 'tsa.cnf'),
    [
      '[tsa]',
      'default_tsa = own',
      '[own]',
      'serial = tsa.serial',
      'signer_digest = sha256',
      'default_policy = 1.2.3.4',
      'digests = sha256',
      'ess_cert_id_alg = sha256',
    ].join('\n'),
  )
  const subject = ['-subj', '/CN=time', '-addext', 'extendedKeyUsage=critical,timeStamping']
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'tsa.key',
    '-out',
    join(folder, 'tsa-ca.pem'),
    ...subject,
  )
  const pair = ['-signer', join(folder, 'tsa-ca.pem'), '-inkey', 'tsa.key']
  const files = ['-queryfile', join(folder, '2026-11-22.tsq'), '-out', join(folder, '2026-11-22.tsr')]
  openssl('ts', '-reply', '-config', 'tsa.cnf', ...pair, ...files)
}
