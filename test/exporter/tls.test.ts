import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { alternativeNames } from '../../src/exporter/web-config/client-certificate.ts'
import { fixture, webFolder } from './secured.ts'
import { ask, connectTo, LogRecorder, receiveAll, serve } from './served.ts'

const pem = (name: string): Buffer => readFileSync(fixture(name))
const ca = pem('ca.crt')

const serveTls = async (context: TestContext, extra = ''): Promise<string> =>
  (await serve(context, { webConfigFile: join(webFolder(context, extra), 'web.yml') })).replace(
    '127.0.0.1',
    'localhost',
  )

const client = (name: string): RequestOptions => ({ cert: pem(`${name}.crt`), key: pem(`${name}.key`) })

function serverName(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect(
      { host: '127.0.0.1', port: Number(new URL(url).port), servername: 'localhost', ca },
      () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      },
    ).on('error', reject)
  })
}

test('HTTPS with a certificate that the client verifies; plain HTTP on that port is cut off', async (t) => {
  const address = await serveTls(t)
  assert.match(address, /^https:/)
  assert.equal((await ask(`${address}/metrics`, { ca })).status, 200)
  await assert.rejects(ask(`${address}/metrics`), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  const plain = await connectTo(address.replace('localhost', '127.0.0.1'))
  plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  assert.doesNotMatch(await receiveAll(plain), /200 OK/)
  await assert.rejects(ask(address, { ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' }))
})

test('a renewed certificate is served to the next connection, and half a renewal is not', async (t) => {
  const folder = webFolder(t)
  const logger = new LogRecorder()
  const address = await serve(t, { webConfigFile: join(folder, 'web.yml'), logger })
  assert.equal(await serverName(address), 'server')
  copyFileSync(fixture('renewed.crt'), join(folder, 'tls.crt'))
  assert.equal(await serverName(address), 'server')
  copyFileSync(fixture('renewed.key'), join(folder, 'tls.key'))
  assert.equal(await serverName(address), 'renewed')
  const events = logger.lines.map((line) => line.split(':')[0])
  assert.deepEqual(events, ['exporter_listening', 'web_config_invalid', 'web_config_reloaded'])
})

test('a policy that needs another handshake waits for a restart and says so', async (t) => {
  const folder = webFolder(t)
  const file = join(folder, 'web.yml')
  const logger = new LogRecorder()
  const address = (await serve(t, { webConfigFile: file, logger })).replace('127.0.0.1', 'localhost')
  const healthy = async (): Promise<number> => (await ask(`${address}/healthz`, { ca })).status
  writeFileSync(file, `${readFileSync(file)}  client_auth_type: RequireAnyClientCert\n`)
  assert.equal(await healthy(), 200)
  writeFileSync(file, '')
  assert.equal(await healthy(), 200)
  const events = logger.lines.map((line) => line.split(':')[0])
  const twice = ['web_config_reloaded', 'web_config_needs_restart']
  assert.deepEqual(events, ['exporter_listening', ...twice, ...twice])
})

test('client certificates are required, verified and matched as the policy says', async (t) => {
  const ca_file = '  client_ca_file: ca.crt\n'
  const sans = (...names: string[]): string => `  client_allowed_sans: [${names.join(', ')}]\n`
  const verify = `  client_auth_type: RequireAndVerifyClientCert\n${ca_file}`
  const cases: readonly [policy: string, none: boolean, ours: boolean, stranger: boolean][] = [
    ['  client_auth_type: NoClientCert\n', true, true, true],
    ['  client_auth_type: RequestClientCert\n', true, true, true],
    [`  client_auth_type: RequireAnyClientCert\n${ca_file}`, false, true, true],
    [`  client_auth_type: RequireClientCert\n${ca_file}`, false, true, true],
    [`  client_auth_type: VerifyClientCertIfGiven\n${ca_file}`, true, true, false],
    [verify, false, true, false],
    [verify + sans('scraper.example'), false, true, false],
    [verify + sans('spiffe://example/scraper'), false, true, false],
    [verify + sans('192.0.2.7'), false, true, false],
    [verify + sans('other.example', 'ops@example.org'), false, true, false],
    [verify + sans('example', '192.0.2.8', 'spiffe://example'), false, false, false],
  ]
  for (const [policy, ...expected] of cases) {
    await t.test(policy.replaceAll(/\s+/g, ' '), async (t) => {
      const address = await serveTls(t, policy)
      const served = async (options: RequestOptions): Promise<boolean> =>
        ask(`${address}/healthz`, { ca, ...options }).then(
          ({ status }) => status === 200,
          () => false,
        )
      const received = [await served({}), await served(client('client')), await served(client('stranger'))]
      assert.deepEqual(received, expected)
    })
  }
})

test('a name inside a quoted name is no name of its own', () => {
  assert.deepEqual(alternativeNames('DNS:a.example, IP Address:192.0.2.7, URI:spiffe://x/y, email:a@b'), [
    'a.example',
    '192.0.2.7',
    'spiffe://x/y',
    'a@b',
  ])
  assert.deepEqual(alternativeNames('URI:"http://x/, DNS:scraper.example, z", DNS:b'), [
    'http://x/, DNS:scraper.example, z',
    'b',
  ])
  assert.deepEqual(alternativeNames('DNS:a, FOO:bar, DNS:b'), ['a'])
  assert.deepEqual(alternativeNames(''), [])
})
