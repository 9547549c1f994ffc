import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** What plugs answer, as their makers document it. */
export const PAGES = {
  /** Shelly Gen2 and later: W and Wh, the energy of the last minutes in mWh. */
  '/rpc/Switch.GetStatus?id=0':
    '{"id":0,"source":"init","output":true,"apower":123.4,"voltage":230.1,"current":0.540,"aenergy":{"total":2859.150,"by_minute":[1523.5,2050.1,2049.9],"minute_ts":1767225540},"temperature":{"tC":43.1,"tF":109.6}}',
  /** Shelly Gen1: W, and watt-minutes. */
  '/meter/0': '{"power":87.55,"is_valid":true,"timestamp":1767225600,"counters":[86.2,88.1,87.9],"total":1291803}',
  /** Tasmota: kWh, and a time without its zone. */
  '/cm?cmnd=Status%208':
    '{"StatusSNS":{"Time":"2026-01-01T00:00:00","ENERGY":{"TotalStartTime":"2025-03-02T11:02:33","Total":18.120,"Yesterday":1.201,"Today":0.004,"Power":52,"ApparentPower":61,"Factor":0.85}}}',
} as const

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A device with a small HTTP server: it says what it is told to. */
export class Device {
  readonly pages = new Map<string, string>(Object.entries(PAGES))
  /** Answers in place of the pages. */
  handler: Handler | null = null
  readonly requests: string[] = []
  /** Answers under way, and the most that there ever were. */
  now = 0
  most = 0
  readonly #server = createServer((request, response) => {
    this.requests.push(request.url ?? '')
    this.now += 1
    this.most = Math.max(this.most, this.now)
    response.on('close', () => {
      this.now -= 1
    })
    if (this.handler !== null) return this.handler(request, response)
    const page = this.pages.get(request.url ?? '')
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(page ?? '{}')
  })

  static async start(t: Pick<TestContext, 'after'>): Promise<Device> {
    const device = new Device()
    device.#server.listen(0, '127.0.0.1')
    await once(device.#server, 'listening')
    t.after(() => device.vanish())
    return device
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  vanish(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** The response that RFC 7616 (3.4.1) wants. */
export function digestResponse(
  algorithm: 'md5' | 'sha256',
  { username, realm, password, method, uri, nonce, nc, cnonce }: Readonly<Record<string, string>>,
): string {
  const hash = (text: string): string => createHash(algorithm).update(text).digest('hex')
  const user = hash(`${username}:${realm}:${password}`)
  return hash(`${user}:${nonce}:${nc}:${cnonce}:auth:${hash(`${method}:${uri}`)}`)
}
