import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { Exporter, type ExporterOptions } from '../../src/exporter/exporter.ts'
import type { LogFields, Logger } from '../../src/model/logger.ts'
import { Page } from '../../src/page/page.ts'
import { A_SNAPSHOT } from './a-snapshot.ts'

export const NEVER = new AbortController().signal

/** Keeps what was logged, as `event: message`. */
export class LogRecorder implements Logger {
  readonly lines: string[] = []
  debug(fields: LogFields, message: string): void {
    this.lines.push(`${fields.event}: ${message}`)
  }
  info = this.debug
  warn = this.debug
  error = this.debug
}

/** Of a page. */
export const NO_LEDGER = { path: '/nowhere/ledger.db', tariff: { source: 'none' }, freshen: () => {} } as const

/** Without the page. */
export function exporterOptions(over: Partial<ExporterOptions> = {}): ExporterOptions {
  return {
    listen: '127.0.0.1:0',
    webConfigFile: null,
    hosts: [],
    snapshot: () => A_SNAPSHOT,
    renew: async () => {},
    health: () => ({ ok: true, reasons: [] }),
    version: '0.1.0',
    logger: new LogRecorder(),
    routes: () => new Map(),
    ...over,
  }
}

/** With the page, which has no ledger. */
export function exporterWithPage(over: Partial<ExporterOptions> = {}): { exporter: Exporter; stop(): Promise<void> } {
  const options = exporterOptions(over)
  const page = new Page({ ...options, ...NO_LEDGER, unixMs: Date.now })
  const exporter = new Exporter({ ...options, routes: (shown) => page.routes(shown), ...over })
  const stop = async () => {
    await exporter.stop(AbortSignal.timeout(2000))
    await page.stop()
  }
  return { exporter, stop }
}

/** Such an exporter, started; it stops with its test. Returns its address. */
export async function serve(context: TestContext, over: Partial<ExporterOptions> = {}): Promise<string> {
  const { exporter, stop } = exporterWithPage(over)
  context.after(stop)
  await exporter.start(NEVER)
  return exporter.address
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** One request on a connection of its own, nothing decoded. */
export function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const start: typeof httpsRequest = url.startsWith('https:') ? httpsRequest : httpRequest
    start(url, { agent: false, ...options }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
      .on('error', reject)
      .end()
  })
}

/** A bare connection to write what no client library would. */
export async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return socket
}

/** All that the other side sends until it ends the connection, orderly or not. */
export function receiveAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}
