/** Debian: curl. What the exporter's own client in the other tests and its server agree on, a foreign client must see too. */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fixture, PASSWORD, serveSecured, USER } from './secured.ts'

const present = spawnSync('curl', ['--version']).status === 0
const skip = present || process.env.CI === 'true' ? false : 'curl is missing: apt-get install curl'

/** Exit codes of curl(1). */
const TLS_FAILED = 35
const UNTRUSTED = 60

interface Answered {
  readonly exit: number
  readonly status: string
  readonly body: string
}

function curl(...args: readonly string[]): Promise<Answered> {
  const all = ['--silent', '--max-time', '20', '--write-out', '\n%{http_code}', ...args]
  return new Promise((resolve) => {
    execFile('curl', all, (error, stdout) => {
      const lines = stdout.split('\n')
      resolve({ exit: Number(error?.code ?? 0), status: lines.pop() ?? '', body: lines.join('\n') })
    })
  })
}

const trusted = ['--cacert', fixture('ca.crt')]
const login = ['--user', `${USER}:${PASSWORD}`]

test('curl scrapes with the right CA and password', { skip }, async (t) => {
  const address = await serveSecured(t)
  const { exit, status, body } = await curl(...trusted, ...login, '--compressed', `${address}/metrics`)
  assert.deepEqual([exit, status], [0, '200'])
  assert.match(body, /^wattledger_node_energy_joules_total\{quality="measured"\} \d/m)
})

test('curl trusts neither another CA nor another name, and the server speaks no old TLS and no plain HTTP', {
  skip,
}, async (t) => {
  const address = await serveSecured(t)
  const { port } = new URL(address)
  assert.equal((await curl(...login, `${address}/metrics`)).exit, UNTRUSTED)
  assert.equal((await curl('--cacert', fixture('stranger.crt'), ...login, `${address}/metrics`)).exit, UNTRUSTED)
  const elsewhere = ['--resolve', `scraper.example:${port}:127.0.0.1`, `https://scraper.example:${port}/metrics`]
  assert.equal((await curl(...trusted, ...login, ...elsewhere)).exit, UNTRUSTED)
  const old = await curl(...trusted, '--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0', `${address}/metrics`)
  assert.equal(old.exit, TLS_FAILED)
  const plain = await curl(...login, `${address.replace('https', 'http')}/metrics`)
  assert.notEqual(plain.exit, 0)
  assert.equal(plain.status, '000')
})

test('curl without a login, with a wrong password and with an unknown user is told 401 and nothing else', {
  skip,
}, async (t) => {
  const address = await serveSecured(t)
  for (const wrong of [[], ['--user', `${USER}:wrong`], ['--user', `nobody:${PASSWORD}`]]) {
    const { exit, status, body } = await curl(...trusted, ...wrong, `${address}/metrics`)
    assert.deepEqual([exit, status, body], [0, '401', 'Unauthorized\n'], wrong.join(' '))
  }
})

test('curl must show a certificate of the CA where that is required', { skip }, async (t) => {
  const address = await serveSecured(t, '  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n')
  const as = (name: string) => ['--cert', fixture(`${name}.crt`), '--key', fixture(`${name}.key`)]
  const { status } = await curl(...trusted, ...login, ...as('client'), `${address}/metrics`)
  assert.equal(status, '200')
  for (const who of [[], as('stranger')]) {
    const { exit, status: refused } = await curl(...trusted, ...login, ...who, `${address}/metrics`)
    // In TLS 1.3 a client learns of its refusal only while it waits for the answer.
    assert.notEqual(exit, 0)
    assert.equal(refused, '000')
  }
})
