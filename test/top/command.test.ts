import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { run } from '../../src/commands/run.ts'
import { top } from '../../src/commands/top.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { parseMoment, parsePast } from '../../src/top/moment.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { servePage } from '../page/served-page.ts'
import { handMade, START } from '../report/hand-made.ts'

/** What `top` says where standard output is no terminal. */
async function told(
  options: object,
  { file = null, env = {} }: { file?: string | null; env?: NodeJS.ProcessEnv } = {},
) {
  const stdout = new PassThrough()
  let stderr = ''
  const signals = () => ({ stop: new AbortController().signal })
  const written = text(stdout)
  const context = {
    file,
    env: { LANG: 'C.UTF-8', ...env },
    stdout,
    stderr: { write: (said: string) => (stderr += said) },
    options,
    signals,
  }
  const code = await run(() => top as never, context as never)
  stdout.end()
  return { code, stdout: await written, stderr }
}

test("an agent's own answers are what top reads, and what it prints where there is no terminal", async (t) => {
  const page = await servePage(t, await handMade(t), { unixMs: () => START + 4 * HOUR_MS })
  const answerOf = async (path: string) => JSON.stringify((await page.get(path)).body)
  assert.equal(parseMoment(await answerOf('/api/v1/now')).node.name, 'db-17')
  const span = `from=${new Date(START).toISOString()}&to=${new Date(START + 4 * HOUR_MS).toISOString()}`
  assert.deepEqual(parsePast(await answerOf(`/api/v1/history?${span}&points=4`)).power_w, [1000, 2000, null, 8000])
  const { code, stdout, stderr } = await told({ url: page.address })
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^wattledger db-17 +12:00:00 UTC/)
  assert.match(stdout, /^412 W ±8\.65 W, 95 %/m)
  assert.match(stdout, /^processors +309 +75 %/m)
  assert.match(stdout, /^today 4\.000 kWh, 1500 g CO2e, covered/m)
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line)
  const wide = await told({ url: page.address, once: true }, { env: { COLUMNS: '120' } })
  assert.match(wide.stdout, /^wattledger db-17 {60,}/)
})

async function answering(t: TestContext, status: number, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body))
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('whoever is no agent, or does not answer, is named in a line with what to do', async (t) => {
  const remedy = ': start the agent \\(systemctl start wattledger\\), or name its address with --url\n$'
  for (const [status, body, said] of [
    [401, '', 'it wants a login that it knows: USER:PASSWORD@ before the host in --url'],
    [404, '', 'it has no /api/v1/now, so that it is no agent of this version'],
    [503, '', 'it has not taken a reading yet: ask again in some seconds'],
    [500, '', 'HTTP 500'],
    [200, '{', null],
    [200, '{"node":{}}', null],
  ] as const) {
    const url = await answering(t, status, body)
    const { code, stdout, stderr } = await told({ url })
    assert.deepEqual([code, stdout], [1, ''])
    const reason = said === null ? 'the answer is not that of an agent of this version' : `${url}: ${said}`
    assert.match(stderr, new RegExp(`^wattledger: ${reason}\n$`))
  }
  const gone = await told({ url: '127.0.0.1:1' })
  assert.match(
    gone.stderr,
    new RegExp(`^wattledger: 127.0.0.1:1: it refuses the connection \\(ECONNREFUSED\\)${remedy}`),
  )
})

test('TLS where there is none, none where there is, and a certificate that nobody knows have each their remedy', async (t) => {
  const plain = await answering(t, 200, '')
  const pem = (name: string) => readFileSync(join(import.meta.dirname, '../exporter/tls-fixtures', name))
  const server = createTlsServer({ cert: pem('server.crt'), key: pem('server.key') }, (_, response) => response.end())
  t.after(() => server.close())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const tls = `127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const [url, said] of [
    [
      `https://${plain}`,
      'it speaks no TLS that is understood (EPROTO): if it serves no TLS, name its address with --url http://HOST:PORT',
    ],
    [
      `http://${tls}`,
      'it broke off the connection (ECONNRESET): if it serves TLS, name its address with --url https://HOST:PORT',
    ],
    [
      `https://${tls}`,
      'its certificate is of an authority that is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE): trust its authority with NODE_EXTRA_CA_CERTS=FILE',
    ],
  ] as const) {
    const { code, stderr } = await told({ url })
    assert.equal(stderr, `wattledger: ${new URL(url).host}: ${said}\n`)
    assert.equal(code, 1)
  }
})

test('the agent of this machine is asked where web.listen says, past any proxy', async (t) => {
  const page = await servePage(t, scratchDirectory(t))
  const file = join(scratchDirectory(t), 'wattledger.yaml')
  const { port } = new URL(page.address)
  writeFileSync(file, `web: { listen: "127.0.0.1:${port}" }\n`)
  const env = { HOME: '/nowhere', http_proxy: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1' }
  const { code, stdout } = await told({}, { file, env })
  assert.equal(code, 0)
  assert.match(stdout, /^wattledger db-17/)
  writeFileSync(file, 'web: { listen: "127.0.0.1:0" }\n')
  assert.deepEqual(await told({}, { file, env }), {
    code: 2,
    stdout: '',
    stderr: 'error: --url: expected, since web.listen leaves the port to the system\n',
  })
})

test('a wrong option is one line and exit code 2', async () => {
  for (const [options, line] of [
    [{ interval: '0' }, '--interval: expected seconds from 0.5 to 3600, received 0'],
    [{ interval: '' }, '--interval: expected seconds from 0.5 to 3600, received '],
    [{ interval: 'fast' }, '--interval: expected seconds from 0.5 to 3600, received fast'],
    [{ url: 'ftp://x' }, '--url: expected an address such as http://db-17:10910, received "ftp://x"'],
    [{ url: 'http://' }, '--url: expected an address such as http://db-17:10910, received "http://"'],
  ] as const) {
    assert.deepEqual(await told(options), { code: 2, stdout: '', stderr: `error: ${line}\n` })
  }
})
