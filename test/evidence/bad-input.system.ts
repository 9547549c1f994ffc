import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import Database from 'better-sqlite3'
import { epyc } from '../fixtures/machines/rapl.ts'
import { type Agent, Host, sumOf } from './agent.ts'
import { bare, vm } from './bare.ts'

async function refusal(agent: Agent): Promise<{ code: number | null; stderr: string }> {
  const code = await agent.ended
  return { code, stderr: agent.stderr }
}

describe('bad input', { concurrency: true }, () => {
  test('a wrong configuration: all problems at once, exit 78', async () => {
    await using host = new Host(vm, {
      sensors: { rapl: { intervall: '1s' } },
      carbon: { pue: 0.5 },
      web: { listen: 7 },
    })
    const { code, stderr } = await refusal(host.launch())
    assert.equal(code, 78)
    assert.match(stderr, /sensors\.rapl\.intervall[^\n]*interval/)
    assert.match(stderr, /carbon\.pue/)
    assert.match(stderr, /web\.listen/)
    assert.equal(existsSync(host.state), false)
  })

  test('an unknown zone: exit 78 with the nearest names', async () => {
    await using host = new Host(vm, { carbon: { zone: 'Germny' } })
    const { code, stderr } = await refusal(host.launch())
    assert.equal(code, 78)
    assert.match(stderr, /Germny/)
    assert.match(stderr, /Germany/)
    assert.equal(stderr.trim().split('\n').length, 1)
  })

  test('a port in use: one line with the port and the remedy, exit 1', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    try {
      await using host = new Host(vm, { web: { listen: `127.0.0.1:${port}` } })
      const { code, stderr } = await refusal(host.launch())
      assert.equal(code, 1)
      assert.match(stderr, new RegExp(`${port}.*web\\.listen`))
      assert.equal(stderr.trim().split('\n').length, 1)
    } finally {
      server.close()
    }
  })

  test('a ledger of a newer version: refused by name, not one byte changed, exit 1', async () => {
    await using host = new Host(vm)
    const first = await host.start()
    assert.equal(await first.stop(), 0)
    const db = new Database(host.ledger)
    db.pragma('user_version = 999')
    db.close()
    const hash = () => createHash('sha256').update(readFileSync(host.ledger)).digest('hex')
    const before = hash()
    // The lock file comes and goes with the agent.
    const files = () => readdirSync(host.state).filter((name) => !name.endsWith('.lock'))
    const filesBefore = files()
    const { code, stderr } = await refusal(host.launch())
    assert.equal(code, 1)
    assert.match(stderr, /999/)
    assert.equal(hash(), before)
    assert.deepEqual(files(), filesBefore)
  })

  test('a damaged ledger: kept aside, a new one begun, and both are said', async () => {
    await using host = new Host(vm)
    mkdirSync(host.state, { recursive: true })
    writeFileSync(host.ledger, Buffer.alloc(20_000, 'not a database '))
    const agent = await host.start()
    assert.ok(readdirSync(host.state).some((name) => name.startsWith('ledger.db.corrupt-')))
    await agent.scrapeUntil((samples) => sumOf(samples, 'wattledger_node_energy_joules_total') > 0)
    assert.equal(await agent.stop(), 0)
    const db = new Database(host.ledger, { readonly: true })
    const { n } = db.prepare("SELECT count(*) AS n FROM events WHERE what = 'ledger_replaced'").get() as { n: number }
    db.close()
    assert.equal(n, 1)
  })

  test('a sensor that must be there and is not: exit 1 with the key', async () => {
    await using host = new Host(vm, { sensors: { rapl: { enabled: true } } })
    const { code, stderr } = await refusal(host.launch())
    assert.equal(code, 1)
    assert.match(stderr, /sensors\.rapl\.enabled is true/)
  })

  test('a reload with a wrong configuration changes nothing and says why; a right one is applied', async () => {
    await using host = new Host({ ...bare, ...epyc }, { node: { name: 'n', labels: { rack: 'r1' } } })
    const agent = await host.start()
    const text = readFileSync(host.configFile, 'utf8')
    writeFileSync(host.configFile, text.replace('rack: r1', 'rack: [1]'))
    agent.process.kill('SIGHUP')
    const refused = await agent.logged(({ event }) => event === 'reload_refused')
    assert.match(String(refused.message), /node\.labels\.rack/)
    writeFileSync(host.configFile, text.replace('rack: r1', 'rack: r2'))
    agent.process.kill('SIGHUP')
    await agent.logged(({ event }) => event === 'reloaded')
    await agent.scrapeUntil((samples) => [...samples.keys()].some((name) => name.includes('rack="r2"')))
    assert.equal(await agent.stop(), 0)
  })

  test('requests that are none are answered, and the agent goes on', async () => {
    await using host = new Host(vm)
    const agent = await host.start()
    const address = await agent.ready()
    assert.equal((await fetch(`${address}/metrics`, { method: 'POST' })).status, 405)
    assert.equal((await fetch(`${address}/${'x'.repeat(4000)}`)).status, 414)
    assert.equal((await fetch(`${address}/nothing`)).status, 404)
    await agent.scrapeUntil((samples) => sumOf(samples, 'wattledger_node_energy_joules_total') > 0)
    assert.equal((await fetch(`${address}/healthz`)).status, 200)
  })
})
