/** `node bench/fleet/serve.ts HOSTS BORN`: serves the scrapes of so many agents at /h/0, /h/1 and so on, and the site's meters at /site. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { powerW } from './load.ts'
import { scrapeOf } from './scraped.ts'
import { SimulatedHost } from './simulated-host.ts'
import { isDead, metersAt } from './site.ts'

const [count = 0, bornUnixMs = 0] = process.argv.slice(2).map(Number)
// Each has lived for an hour already, as its history says.
const hosts = Array.from({ length: count }, (_, index) => new SimulatedHost(index, bornUnixMs))

const server = createServer((request, response) => {
  const host = hosts[Number(/^\/h\/(\d+)/.exec(request.url ?? '')?.[1] ?? Number.NaN)]
  response.setHeader('content-type', 'text/plain; version=0.0.4')
  if (host !== undefined && isDead(host.index)) response.destroy()
  else if (host !== undefined) response.end(scrapeOf(host, Date.now()))
  else {
    const powers = hosts.map(({ index }) => powerW(index, Date.now()))
    const lines = [...metersAt(powers)].map(([meter, watts]) => `site_power_watts{meter="${meter}"} ${watts}\n`)
    response.end(lines.join(''))
  }
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
// It ends with the bench that started it.
process.stdin.on('end', () => process.exit(0)).resume()
