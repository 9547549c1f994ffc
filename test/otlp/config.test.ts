import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { examine } from '../../src/commands/examine.ts'
import { ConfigFault } from '../../src/model/config-fault.ts'
import { fixture } from '../exporter/secured.ts'
import { fileOf } from './rig.ts'

test('what is wrong with the section is said with its place, and files only where a person checks', (t) => {
  const file = fileOf(t, 'wattledger.yaml', '')
  const faultsOf = (text: string, isDeep: boolean): string => {
    writeFileSync(file, `otlp: ${text}\n`)
    try {
      examine({ file, env: { HOME: '/tmp' } }, isDeep)
      return ''
    } catch (error) {
      assert.ok(error instanceof ConfigFault)
      return error.message
    }
  }
  assert.equal(faultsOf('{ url: "http://127.0.0.1:4318" }', true), '')
  for (const [text, expected] of [
    ['{ url: "grpc://127.0.0.1:4317" }', /otlp\.url: expected a URL such as/],
    ['{ url: "http://127.0.0.1:99999" }', /otlp\.url: expected a URL such as/],
    ['{ interval: 1s }', /otlp\.interval: expected a duration from 5s to 1h/],
    ['{ user: me }', /otlp\.user: expected key_file beside it/],
    [`{ tls: { cert_file: ${fixture('client.crt')} } }`, /otlp\.tls\.cert_file: expected cert_file and key_file/],
    [
      '{ headers: { Authorization: Bearer x } }',
      /otlp\.headers\.Authorization: expected the name of a header other than authorization/,
    ],
    ['{ headers: { "a b": x } }', /expected the name of a header/],
    ['{ resource: { 1x: y } }', /expected the name of an attribute/],
    ['{ token: x }', /otlp\.token: expected one of the keys url, /],
  ] as const) {
    assert.match(faultsOf(text, false), expected)
  }
  const missing = '{ url: "https://127.0.0.1:4318", header_files: { api-key: /nonexistent/key } }'
  assert.equal(faultsOf(missing, false), '')
  assert.match(faultsOf(missing, true), /otlp: \/nonexistent\/key: the key cannot be read \(ENOENT\)/)
  const key = `{ url: "https://127.0.0.1:4318", tls: { ca_file: ${fixture('server.key')} } }`
  assert.match(faultsOf(key, true), /server\.key: expected certificates in PEM/)
})
