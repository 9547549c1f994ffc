import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, test } from 'node:test'
import { agent } from '../../src/commands/agent.ts'
import { examine } from '../../src/commands/examine.ts'
import { run } from '../../src/commands/run.ts'
import { Signals } from '../../src/commands/signals.ts'
import { ConfigFault } from '../../src/model/config-fault.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-agent-'))
after(() => rmSync(folder, { recursive: true }))
const env = { HOME: folder }

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('an agent with a wrong configuration says all of it and exits 78, files of figures included', async () => {
  const web = write('web.yml', 'basic_auth_users: { admin: hunter2 }\n')
  const file = write(
    'bad.yaml',
    `web: { config_file: ${web} }\ncarbon: { zone: GER, location: { source: file, path: ${folder}/none.csv } }\n`,
  )
  let said = ''
  const stream = new Writable({
    write(chunk, _, done) {
      said += chunk
      done()
    },
  }) as NodeJS.WriteStream
  const signals = () => new Signals(() => assert.fail('it was given up'))
  assert.equal(await run(() => agent, { file, env, stdout: stream, stderr: stream, version: '0', signals }), 78)
  assert.match(
    said,
    /^\S+bad\.yaml:1:8: web\.config_file: \S+web\.yml:1:21: .*bcrypt hash, as htpasswd .*\n\S+:2:11: carbon\.zone: .*\n\S+:2:22: carbon\.location: file: .*none\.csv: there is no such file\n$/,
  )
})

test('a file of figures or a key that is not there yet keeps no agent from starting, and a check says it', () => {
  const file = write(
    'early.yaml',
    `carbon: { location: [{ source: file, path: ${folder}/none.csv }, { source: entsoe, key_file: ${folder}/none.key, area: 10Y1001A1001A82H }] }\n`,
  )
  assert.equal(examine({ file, env }, false).file, file)
  assert.throws(
    () => examine({ file, env }, true),
    (error) => error instanceof ConfigFault && error.faults.length === 2,
  )
})
