import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashSync } from 'bcryptjs'
import { exporterWithPage, NEVER } from '../../exporter/served.ts'
import type { FuzzTarget } from '../target.ts'

/** Where an input is cut into pieces that are sent one by one. */
const CUT = Buffer.from('\x00CUT\x00')
const GOOD = 'GET /healthz HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\nConnection: close\r\n\r\n'
const LINES = [
  'GET / HTTP/1.1\r\n',
  'HEAD /metrics HTTP/1.1\r\n',
  'POST /metrics HTTP/1.1\r\n',
  'GET /api/v1/snapshot HTTP/1.0\r\n',
  'CONNECT a:1 HTTP/1.1\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET http://a/metrics?x HTTP/1.1\r\n',
]
const HEADERS = [
  'Host: x\r\n',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'Expect: 100-continue\r\n',
  'Upgrade: websocket\r\nConnection: Upgrade\r\n',
  'Accept: application/openmetrics-text;version=1.0.0;q=0.5\r\n',
  'Accept-Encoding: gzip;q=0\r\n',
  'Authorization: Basic ',
]
const PIECES = [
  '\r\n',
  '\n',
  '\r\n\r\n',
  '5\r\nhello\r\n',
  '0\r\n\r\n',
  'YTpi',
  ':',
  ' ',
  '\t',
  '%00',
  '..',
  '\x00',
  '\xff',
  'x'.repeat(300),
  CUT.toString('latin1'),
]

const STATUSES = [100, 200, 400, 401, 404, 405, 408, 414, 417, 421, 431, 503]

/** Whole heads with known statuses, one after another, each with a body that ends before the next. */
function checkAnswers(text: string): void {
  const head = /HTTP\/1\.1 (\d{3}) [A-Za-z -]+\r\n(?:[!-9;-~]+: [^\r\n\0]*\r\n)*\r\n/y
  while (head.lastIndex < text.length) {
    const from = head.lastIndex
    const found = head.exec(text)
    assert.ok(found !== null, `no head of an answer: ${JSON.stringify(text.slice(from, from + 200))}`)
    assert.ok(STATUSES.includes(Number(found[1])), found[0])
    const next = text.indexOf('HTTP/1.1 ', head.lastIndex)
    head.lastIndex = next < 0 ? text.length : next
  }
}

let server: { stop(): Promise<void>; readonly port: number; readonly folder: string } | undefined

async function started(): Promise<number> {
  if (server !== undefined) return server.port
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-fuzz-http-'))
  const webConfigFile = join(folder, 'web.yml')
  writeFileSync(webConfigFile, `basic_auth_users: { a: "${hashSync('b', 4)}" }`)
  const { exporter, stop } = exporterWithPage({ webConfigFile })
  await exporter.start(NEVER)
  server = { stop, port: Number(new URL(exporter.address).port), folder }
  return server.port
}

/**
 * Sends the pieces, says that nothing more comes, and waits for the server to end the connection. A client that `stays`
 * does not say so: Node gives up a request whose client has ended, be its answer ready or not.
 */
function exchange(port: number, pieces: readonly (Buffer | string)[], stays = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    // A server that refuses may reset while the rest is on its way.
    socket.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code !== 'ECONNRESET' && code !== 'EPIPE') reject(new Error(message))
    })
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
    const send = (index: number): void => {
      const piece = pieces[index]
      if (piece !== undefined) socket.write(piece, () => setImmediate(send, index + 1))
      else if (!stays) socket.end()
    }
    send(0)
  })
}

/** The server, over real connections: it answers or closes, and serves a good request right afterwards. */
export const http: FuzzTarget = {
  name: 'http',
  tokens: [...LINES, ...HEADERS, ...PIECES],
  async run(input) {
    const port = await started()
    checkAnswers(await exchange(port, piecesOf(input)))
    assert.match(await exchange(port, [GOOD], true), /^HTTP\/1\.1 200 OK\r\n/)
  },
  async close() {
    await server?.stop()
    if (server !== undefined) rmSync(server.folder, { recursive: true, force: true })
  },
}

function piecesOf(input: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = []
  let from = 0
  for (let at = input.indexOf(CUT); at >= 0; at = input.indexOf(CUT, from)) {
    pieces.push(input.subarray(from, at))
    from = at + CUT.length
  }
  return [...pieces, input.subarray(from)].filter(({ length }) => length > 0)
}
