import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Feed } from '../../../src/carbon/feeds/feed.ts'
import { LiveSource } from '../../../src/carbon/feeds/live.ts'
import { httpGet } from '../../../src/io/http.ts'
import { noCache } from '../no-cache.ts'
import { recorder } from '../recorder.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** Plays one public interface: answers as the test says, and keeps what it was asked. */
export class GridServer {
  readonly asked: { readonly url: URL; readonly headers: IncomingMessage['headers'] }[] = []
  answer: Answer = (_, response) => void response.writeHead(500).end()
  readonly #server = createServer((request, response) => {
    this.asked.push({ url: new URL(request.url ?? '', 'http://grid'), headers: request.headers })
    this.answer(request, response)
  })

  static async start(): Promise<GridServer> {
    const server = new GridServer()
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  says(body: unknown): void {
    this.answer = (_, response) => void response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

  refuses(status: number, headers: Readonly<Record<string, string>> = {}): void {
    this.answer = (_, response) => void response.writeHead(status, headers).end('no')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Noon of the day on which everything recorded here happens. */
export const NOON = Date.UTC(2026, 0, 31, 12)
export const HOUR = 3_600_000

export function liveSource(
  feed: Feed,
  { holdMs = 0, timeoutMs = 60_000, env = {} as NodeJS.ProcessEnv, cache = noCache } = {},
) {
  const { logger, said } = recorder()
  const clock = { nowUnixMs: NOON + 10 * 60_000 }
  const unixMs = () => clock.nowUnixMs
  const get = httpGet({ timeoutMs, env, unixMs })
  const source = new LiveSource({ feed, cache, get, holdMs, unixMs, random: () => 0.5, logger })
  const refresh = () => source.refresh(new AbortController().signal)
  /** g/kWh, basis and status at a time. */
  const at = (unixMs: number): unknown => {
    const { intensity } = source.cover(unixMs)
    return intensity && [Number(intensity.mgPerKwh) / 1e3, intensity.zone, intensity.basis, intensity.status]
  }
  return { source, said, clock, refresh, at }
}
