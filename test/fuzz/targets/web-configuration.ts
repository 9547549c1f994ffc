import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadWebConfig } from '../../../src/exporter/web-config/load.ts'
import { ConfigFault } from '../../../src/model/config-fault.ts'
import { fixture } from '../../exporter/secured.ts'
import type { FuzzTarget } from '../target.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-fuzz-web-'))
const file = join(folder, 'web.yml')
// Also where the target is named and not run.
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const KEYS = ['tls_server_config', 'cert_file', 'key_file', 'client_auth_type', 'client_ca_file', 'client_allowed_sans']
const MORE_KEYS = ['min_version', 'max_version', 'cipher_suites', 'curve_preferences', 'http_server_config', 'headers']
const LAST_KEYS = [
  'basic_auth_users',
  'rate_limit',
  'interval',
  'burst',
  'http2',
  'X-Frame-Options',
  'X-XSS-Protection',
]
const VALUES = [
  'TLS12',
  'TLS13',
  'X25519',
  'RequireAndVerifyClientCert',
  'nosniff',
  'deny',
  '1m30s',
  '[',
  ']',
  '{',
  '}',
  '"',
]

/** The web configuration file: usable, or refused in a line for each fault that names the file. */
export const webConfiguration: FuzzTarget = {
  name: 'web-configuration',
  tokens: [
    ...[...KEYS, ...MORE_KEYS, ...LAST_KEYS].map((key) => `${key}: `),
    ...VALUES,
    fixture('server.crt'),
    fixture('server.key'),
    `$2y$10$${'QOauhQNbBCuQDKes6eFzPe'.padEnd(53, 'M')}`,
    '\n  ',
    '\n',
    '&a ',
    '*a',
    '# ',
  ],
  run(input) {
    writeFileSync(file, input)
    try {
      const { users, headers, rateLimit } = loadWebConfig(file, new Map())
      for (const hash of users.values()) assert.equal(hash.length, 60)
      for (const value of Object.values(headers)) assert.doesNotMatch(value, /[\r\n\0]/)
      assert.ok(rateLimit === null || (rateLimit.intervalMs > 0 && rateLimit.burst > 0))
    } catch (error) {
      assert.ok(error instanceof ConfigFault, error instanceof Error ? error.stack : String(error))
      assert.ok(error.faults.length > 0)
      for (const { key, text } of error.faults) {
        assert.equal(key, 'web.config_file')
        assert.match(text, /:(?:\d+:\d+:)? \S/)
        assert.ok(text.startsWith(`${file}:`), text)
        assert.doesNotMatch(text, /[\r\n]/)
      }
    }
  },
}
