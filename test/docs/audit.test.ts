import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readLockfile } from '../../packaging/lockfile.ts'

const root = resolve(import.meta.dirname, '../..')
const zod = readLockfile().packages['node_modules/zod']?.version ?? ''

/** `npm run audit` against a registry of this test's own. */
async function audit(context: TestContext, answer: (response: ServerResponse) => void) {
  const server = createServer((request, response) =>
    request.resume().on('end', () => (request.method === 'POST' ? answer(response) : zodItself(response))),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return await new Promise<{ status: number; said: string }>((resolve) => {
    const env = { ...process.env, npm_config_registry: registry }
    execFile(process.execPath, ['scripts/audit.ts'], { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), said: stdout + stderr }),
    )
  })
}

const json = (status: number, body: object) => (response: ServerResponse) =>
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))

/** For a finding npm asks which versions there are. */
const zodItself = json(200, {
  name: 'zod',
  versions: { [zod]: { name: 'zod', version: zod } },
  'dist-tags': { latest: zod },
})

test('an audit without a finding says so', async (t) => {
  assert.deepEqual(await audit(t, json(200, {})), { status: 0, said: 'audit: no finding\n' })
})

test('a finding fails and is named', async (t) => {
  const advisory = { id: 1, url: 'https://example.org/1', title: 'bad', severity: 'high', vulnerable_versions: zod }
  const { status, said } = await audit(t, json(200, { zod: [{ ...advisory, cwe: [], cvss: { score: 9 } }] }))
  assert.equal(status, 1, said)
  assert.match(said, /^audit: zod .*: high$/m)
})

test('any other failure fails', async (t) => {
  const { status, said } = await audit(t, json(200, { nonsense: [{}] }))
  assert.equal(status, 1, said)
})

test('a registry that does not offer it is no finding, and is not taken for one without', async (t) => {
  const { status, said } = await audit(t, json(405, {}))
  assert.equal(status, 0)
  assert.match(said, /^audit: NOT DONE, the registry does not answer: .+\n$/)
})
