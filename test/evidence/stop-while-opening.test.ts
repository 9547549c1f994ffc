import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { mock, test } from 'node:test'
import { loadConfig } from '../../src/config/loader.ts'
import { Daemon } from '../../src/daemon.ts'
import { native } from '../../src/native/addon.ts'
import { Host } from './agent.ts'
import { bare } from './bare.ts'

/** A BMC that takes every connection and never says a word. */
class SilentBmc implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets: Socket[] = []

  constructor() {
    this.#server = createServer((socket) => this.#sockets.push(socket.on('error', () => {})))
    this.#server.listen(0, '127.0.0.1')
  }

  async required(): Promise<Record<string, unknown>> {
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('not an address of TCP')
    return { enabled: true, device: `vm://127.0.0.1:${address.port}`, deadline: '60s' }
  }

  async asked(): Promise<void> {
    await once(this.#server, 'connection')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

test('SIGTERM ends a start that waits for a required sensor at once', async () => {
  await using bmc = new SilentBmc()
  await using host = new Host(bare, { sensors: { ipmi: await bmc.required() } })
  const agent = host.launch()
  await bmc.asked()
  const sentAt = performance.now()
  assert.equal(await agent.stop(), 0, agent.stderr)
  assert.ok(performance.now() - sentAt < 30_000, 'the deadline of the BMC is not waited for')
})

test('a reload during the start does not tell systemd that the agent is ready', async () => {
  await using bmc = new SilentBmc()
  await using host = new Host(bare, { sensors: { ipmi: await bmc.required() } })
  const told: string[] = []
  const { mock: notify } = mock.method(native, 'sdNotify', (state: string) => told.push(state) > 0)
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const config = loadConfig(host.configFile, {})
  const daemon = new Daemon({ config, logger, env: {}, version: '0' })
  const stop = new AbortController()
  const starting = daemon.start(stop.signal)
  try {
    await bmc.asked()
    daemon.reload(config)
    assert.deepEqual(told, [])
  } finally {
    stop.abort()
    await assert.rejects(starting)
    await daemon.stop()
    notify.restore()
  }
})
