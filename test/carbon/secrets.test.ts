import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { createLogger } from '../../src/commands/log.ts'
import { effectiveYaml } from '../../src/config/document.ts'
import { parseConfig } from '../../src/config/loader.ts'
import { AnswerError } from '../../src/io/answer.ts'
import { HttpError, httpGet } from '../../src/io/http.ts'
import { keepSecret, masked } from '../../src/model/secrets.ts'
import { afterwards } from '../ledger/setting.ts'

test('a secret is masked as it is, in JSON and in a URL; a short one only where it stands alone', () => {
  keepSecret('k"ey/+of=long\\life')
  keepSecret('k')
  keepSecret('')
  for (const shown of [
    'got k"ey/+of=long\\life!',
    JSON.stringify({ got: 'k"ey/+of=long\\life!' }),
    `got ${encodeURIComponent('k"ey/+of=long\\life')}`,
  ]) {
    assert.match(masked(shown), /got.*\*\*\*/)
    assert.doesNotMatch(masked(shown), /life/)
  }
  assert.equal(masked('keep k, kWh and "k"'), 'keep ***, kWh and "***"')
  assert.equal(masked('http://me:pa:ss@w@host:9090/path?a=b@c'), 'http://***@host:9090/path?a=b@c')
})

test('a message that is cut does not end with the beginning of a key', () => {
  const key = 'begins-here-and-is-long'.repeat(10)
  keepSecret(key)
  assert.equal(
    new AnswerError('a figure', `${'.'.repeat(60)} ${key}`).message,
    `expected a figure, received "${'.'.repeat(60)} ***"`,
  )
})

test('renewed tokens do not pile up', () => {
  keepSecret('the-key-of-all-days')
  for (let n = 0; n < 1_000; n++) {
    keepSecret(`token-of-the-hour-${n}`)
    keepSecret('the-key-of-all-days')
  }
  assert.equal(
    masked('token-of-the-hour-1, token-of-the-hour-999, the-key-of-all-days'),
    'token-of-the-hour-1, ***, ***',
  )
})

test('the log shows no secret, in a message, a field or a cause', async () => {
  keepSecret('never-in-a-log')
  let written = ''
  const stream = new Writable({
    write(chunk, _, done) {
      written += chunk
      done()
    },
  })
  const logger = await createLogger({ level: 'info', format: 'json' }, stream as NodeJS.WriteStream, {})
  const err = new Error('never-in-a-log', { cause: new Error('because never-in-a-log') })
  logger.error({ event: 'x', err, url: 'https://me:hidden@host/never-in-a-log' }, 'never-in-a-log')
  assert.doesNotMatch(written, /never-in-a-log|hidden/)
  assert.equal(JSON.parse(written).message, '***')
})

test('neither a proxy nor a server says a word in a message, and none shows a password', async (t) => {
  const server = createServer((_, response) => void response.writeHead(500, 'from outside').end('from outside'))
  server.on('connect', (_, socket) => void socket.end('HTTP/1.1 407 from outside\r\n\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterwards(t, () => new Promise((resolve) => server.close(resolve)))
  const { port } = server.address() as AddressInfo
  const reasonFor = async (url: string, env: NodeJS.ProcessEnv = {}) => {
    const get = httpGet({ timeoutMs: 60_000, env, unixMs: Date.now })
    const error = await get({ url: new URL(url), headers: {} }, new AbortController().signal).catch((error) => error)
    assert.ok(error instanceof HttpError && error.cause === undefined)
    return error.message
  }
  assert.equal(await reasonFor(`http://me:hidden@127.0.0.1:${port}/`), `127.0.0.1:${port}: HTTP 500`)
  assert.equal(masked(`hidden ${btoa('me:hidden')}`), '*** ***')
  const proxy = { HTTPS_PROXY: `http://me:unseen@127.0.0.1:${port}` }
  assert.equal(
    await reasonFor('https://grid.example/', proxy),
    'grid.example: the proxy does not lead to it (ERR_PROXY_TUNNEL)',
  )
  assert.match(
    await reasonFor('https://grid.example/', { HTTPS_PROXY: 'http://me:unseen@:99999' }),
    /^expected the URL/,
  )
})

test('a configuration is shown without the credentials of its URLs', () => {
  const pue = '{ source: prometheus, url: http://me:hidden@prometheus:9090, query: site_pue, default: 1.4 }'
  const config = parseConfig(`carbon: { pue: ${pue} }`, { HOME: '/root' }, 'x.yaml')
  assert.match(effectiveYaml(config), /url: http:\/\/\*\*\*@prometheus:9090/)
  assert.throws(
    () => parseConfig(`carbon: { pue: ${pue.replace(':9090', ':9090?x=1')} }`, { HOME: '/root' }, 'x.yaml'),
    ({ message }) => message.includes('http://***@prometheus:9090?x=1') && !message.includes('hidden'),
  )
})
