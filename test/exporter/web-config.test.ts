import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { loadWebConfig } from '../../src/exporter/web-config/load.ts'
import { WatchedWebConfig } from '../../src/exporter/web-config/watched-web-config.ts'
import { TokenBucket } from '../../src/io/serve/token-bucket.ts'
import { ConfigFault } from '../../src/model/config-fault.ts'
import { LogRecorder } from './served.ts'

const HASH = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi'
const TLS = join(import.meta.dirname, 'tls-fixtures')

function fileWith(context: TestContext, yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-web-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'web.yml')
  writeFileSync(file, yaml)
  return file
}

const load = (context: TestContext, yaml: string) => loadWebConfig(fileWith(context, yaml), new Map())

test('every section of the exporters’ schema is understood', (t) => {
  const config = load(
    t,
    `
tls_server_config:
  cert_file: ${TLS}/server.crt
  key_file: ${TLS}/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ${TLS}/ca.crt
  client_allowed_sans: [scraper.example]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: true
  headers: { Strict-Transport-Security: max-age=60, X-Frame-Options: "" }
basic_auth_users: { alice: "${HASH}" }
rate_limit: { interval: 1m1.5s, burst: 20 }
`,
  )
  assert.deepEqual([...config.users], [['alice', HASH]])
  assert.deepEqual(config.headers, { 'Strict-Transport-Security': 'max-age=60' })
  assert.deepEqual(config.rateLimit, { intervalMs: 61_500, burst: 20 })
  const { options } = config.tls ?? assert.fail()
  assert.match(String(options.ciphers), /TLS_AES_256_GCM_SHA384:.*:ECDHE-ECDSA-AES128-GCM-SHA256$/)
  assert.equal(options.ecdhCurve, 'X25519:P-256')
  assert.equal(options.honorCipherOrder, false)
  assert.deepEqual([options.requestCert, options.rejectUnauthorized], [true, true])
  assert.deepEqual([options.minVersion, options.maxVersion], ['TLSv1.2', 'TLSv1.3'])
})

test('an empty file and empty sections mean plain HTTP for all', (t) => {
  for (const yaml of ['', '# nothing\n', 'tls_server_config:\nbasic_auth_users:\n', 'rate_limit: { interval: 0 }']) {
    assert.deepEqual(load(t, yaml), { tls: null, users: new Map(), headers: {}, rateLimit: null })
  }
})

test('what cannot be used is refused in lines that name file and key', (t) => {
  const cases: readonly [yaml: string, problem: RegExp][] = [
    ['tls_config: {}', /unknown key tls_config$/],
    ['tls_server_config: { cert_fle: x }', /unknown key tls_server_config\.cert_fle/],
    ['http_server_config: { headers: { X-Other: y } }', /unknown key http_server_config\.headers\.X-Other$/],
    ['tls_server_config: { cert_file: a }', /tls_server_config\.key: give one of key and key_file$/],
    [
      'tls_server_config: { cert: a, cert_file: b, key: c }',
      /tls_server_config\.cert: give only one of cert and cert_file$/,
    ],
    [
      'tls_server_config: { cert_file: a, key_file: b }',
      /tls_server_config\.cert_file: \/\S+\/a: it cannot be read \(ENOENT\)/,
    ],
    [
      'tls_server_config: { cert: a, key: b }',
      /: tls_server_config: expected a certificate in PEM in cert or cert_file \(.*\)$/,
    ],
    [
      `tls_server_config: { cert_file: ${TLS}/server.crt, key_file: ${TLS}/server.crt }`,
      /: tls_server_config: expected a private key in PEM, not encrypted, in key or key_file \(.*\)$/,
    ],
    [
      `tls_server_config: { cert_file: ${TLS}/server.crt, key_file: ${TLS}/client.key }`,
      /: tls_server_config: the private key is not that of the certificate \(.*key values mismatch\)$/,
    ],
    [
      'tls_server_config: { cert: a, key: b, min_version: SSL3 }',
      /min_version: expected one of TLS10, TLS11, TLS12, TLS13$/,
    ],
    [
      'tls_server_config: { cert: a, key: b, min_version: TLS13, max_version: TLS12 }',
      /must not be above max_version$/,
    ],
    ['tls_server_config: { cert: a, key: b, client_ca: c }', /a client CA has no effect with NoClientCert$/],
    ['tls_server_config: { cert: a, key: b, client_allowed_sans: [x] }', /client_allowed_sans: needs Require/],
    ['tls_server_config: { cert: a, key: b, cipher_suites: [RC4] }', /cipher_suites\.0: /],
    [
      'basic_auth_users: { bob: secret }',
      /basic_auth_users\.bob: expected a bcrypt hash, as htpasswd -nBC 10 NAME prints it$/,
    ],
    [
      'http_server_config: { headers: { X-XSS-Protection: "1\\r\\nX: y" } }',
      /X-XSS-Protection: expected printable ASCII/,
    ],
    ['rate_limit: { interval: 1s }', /rate_limit\.burst: must be at least 1/],
    ['rate_limit: { interval: soon, burst: 1 }', /rate_limit\.interval: /],
    ['[1, 2]', /file: .*expected object/],
    ['a: [', /web\.yml:1:5: .+/],
    ['basic_auth_users: {}\nbasic_auth_users: {}', /Map keys must be unique/],
    ['rate_limit: 5\nbogus: 1', /rate_limit: .*\n.* unknown key bogus$/],
  ]
  for (const [yaml, problem] of cases) {
    assert.throws(
      () => load(t, yaml),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'CONFIG_INVALID')
        for (const line of error.message.split('\n'))
          assert.match(line, /^web\.config_file: \/.*web\.yml:(?:\d+:\d+:)? ./)
        assert.match(error.message, problem)
        return true
      },
      yaml,
    )
  }
  assert.throws(() => loadWebConfig('/nonexistent/web.yml', new Map()), {
    message: /^web\.config_file: \/nonexistent\/web\.yml: it cannot be read \(ENOENT\)$/,
  })
})

test('what is no file of a sensible size is refused, and waited for no more than any other', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-web-'))
  t.after(() => rmSync(folder, { recursive: true }))
  execFileSync('mkfifo', [join(folder, 'fifo')])
  writeFileSync(join(folder, 'huge'), '')
  truncateSync(join(folder, 'huge'), 2 ** 30)
  for (const [name, problem] of [
    ['fifo', /fifo: it is no regular file$/],
    ['huge', /huge: it has more than 1048576 bytes$/],
    ['.', /is no regular file$/],
  ] as const) {
    assert.throws(() => loadWebConfig(join(folder, name), new Map()), { code: 'CONFIG_INVALID', message: problem })
  }
  const yaml = `tls_server_config: { cert_file: ${folder}/fifo, key_file: b }`
  assert.throws(() => load(t, yaml), {
    message:
      /tls_server_config\.cert_file: \S+fifo: it is no regular file\n.* tls_server_config\.key_file: \S+b: it cannot be read \(ENOENT\)$/,
  })
})

test('no text of the file, however it is written, begins another line of the log', (t) => {
  for (const yaml of [
    '"a\\nb": 1',
    'basic_auth_users: { "c\\r\\nd": x }',
    'tls_server_config: { cert_file: "e\\nf", key_file: g }',
  ]) {
    assert.throws(
      () => load(t, yaml),
      (error) => {
        assert.ok(error instanceof ConfigFault)
        for (const { text } of error.faults) assert.match(text, /^\P{Cc}+$/u)
        assert.equal(error.message.split('\n').length, error.faults.length)
        return true
      },
      yaml,
    )
  }
})

test('the parser writes nothing of the file to stderr', async (t) => {
  const warnings: Error[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  assert.equal(load(t, `basic_auth_users: { alice: &a: "${HASH}", bob: *a: }`).users.get('bob'), HASH)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(warnings, [])
})

test('a change counts at once, and one that cannot be used is reported once and changes nothing', async (t) => {
  const logger = new LogRecorder()
  const file = fileWith(t, `basic_auth_users: { alice: "${HASH}" }`)
  const watched = new WatchedWebConfig(file, logger)
  const users = (): readonly string[] => [...watched.current().users.keys()]
  const replace = (yaml: string): void => {
    writeFileSync(`${file}.new`, yaml)
    renameSync(`${file}.new`, file)
  }
  const first = await watched.load()
  assert.equal(watched.current(), first)
  replace(`basic_auth_users: { bob: "${HASH}" }`)
  assert.deepEqual(users(), ['bob'])
  replace('basic_auth_users: { bob: plain }')
  assert.deepEqual([users(), users()], [['bob'], ['bob']])
  rmSync(file)
  assert.deepEqual([users(), users()], [['bob'], ['bob']])
  replace('basic_auth_users: {}')
  assert.deepEqual(users(), [])
  const reported = logger.lines.map((line) => line.replace(file, 'FILE').split('; ')[0])
  assert.deepEqual(reported, [
    'web_config_reloaded: web configuration read again',
    'web_config_invalid: FILE:1:21: basic_auth_users.bob: expected a bcrypt hash, as htpasswd -nBC 10 NAME prints it',
    'web_config_invalid: FILE: it cannot be read (ENOENT)',
    'web_config_reloaded: web configuration read again',
  ])
})

test('the bucket lets a burst through and then one request per interval', () => {
  const bucket = new TokenBucket(1000, 3, 0)
  assert.deepEqual(
    [0, 0, 0, 0].map((nowMs) => bucket.take(nowMs)),
    [true, true, true, false],
  )
  assert.deepEqual(
    [999, 1000, 1001, 2000].map((nowMs) => bucket.take(nowMs)),
    [false, true, false, true],
  )
  assert.deepEqual(
    [60_000, 60_000, 60_000, 60_000].map((nowMs) => bucket.take(nowMs)),
    [true, true, true, false],
  )
})
