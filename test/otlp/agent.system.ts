import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { Host } from '../evidence/agent.ts'
import { bare } from '../evidence/bare.ts'
import { epyc } from '../fixtures/machines/rapl.ts'
import { type Pushed, TestReceiver } from './test-receiver.ts'

const uj = (joules: number | null): bigint => BigInt(Math.round((joules ?? Number.NaN) * 1e6))

const machineUj = ({ sent }: Pushed): bigint =>
  (sent.metrics.find(({ name }) => name === 'hw.host.energy')?.points ?? []).reduce(
    (sum, { value }) => sum + uj(value),
    0n,
  )

test('a real agent pushes, is killed, goes on, and pushes its last state as it ends', async (t) => {
  const receiver = await TestReceiver.start(t)
  await using host = new Host({ ...bare, ...epyc }, { otlp: { url: receiver.url, interval: '5s' } })

  const first = await host.start()
  await receiver.until((push) => machineUj(push) > 0n)
  assert.equal((await first.scrape()).get('wattledger_otlp_pushes_total{result="failed"}'), 0)
  await first.kill()
  const killed = receiver.pushed.length

  const second = await host.start()
  await receiver.until((push) => receiver.pushed.indexOf(push) > killed)
  const beforeTheEnd = receiver.pushed.length
  assert.equal(await second.stop(), 0)
  assert.equal(second.stderr, '')
  assert.ok(receiver.pushed.length > beforeTheEnd)

  const db = new Database(host.ledger, { readonly: true })
  t.after(() => db.close())
  const { born, total } = db
    .prepare<[], { born: bigint; total: bigint }>(
      'SELECT born_unix_ms AS born, measured_uj + derived_uj + estimated_uj AS total FROM account',
    )
    .safeIntegers()
    .get() ?? { born: 0n, total: 0n }
  let highestUj = 0n
  for (const push of receiver.pushed) {
    const energyUj = machineUj(push)
    assert.ok(energyUj >= highestUj)
    highestUj = energyUj
    const host = push.sent.metrics.find(({ name }) => name === 'hw.host.energy')
    assert.deepEqual(new Set(host?.points.map(({ startNs }) => startNs)), new Set([born * 1_000_000n]))
  }
  assert.ok(highestUj > 0n && highestUj <= total)
})

test('a receiver that hangs delays neither a scrape nor the end', async (t) => {
  const receiver = await TestReceiver.start(t)
  receiver.answer = { hangs: 'at once' }
  await using host = new Host({ ...bare, ...epyc }, { otlp: { url: receiver.url, interval: '5s', timeout: '1m' } })
  const agent = await host.start()
  await receiver.until(() => true)
  const scraped = performance.now()
  assert.equal((await agent.scrape()).get('wattledger_otlp_pushes_total{result="taken"}'), 0)
  assert.ok(performance.now() - scraped < 5_000)
  const stopped = performance.now()
  assert.equal(await agent.stop(), 0)
  // Of which the last push has two.
  assert.ok(performance.now() - stopped < 10_000)
})
