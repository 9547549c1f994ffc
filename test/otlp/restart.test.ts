import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { AgentLife } from '../integration/shown-totals-agent.ts'
import { rigOf } from './rig.ts'
import { TestReceiver } from './test-receiver.ts'

test('what is pushed after a flush is what the ledger has, to the µJ', async (t) => {
  t.after(() => mock.timers.reset())
  const receiver = await TestReceiver.start(t)
  const life = new AgentLife()
  await life.start()
  for (let second = 0; second < 25; second++) life.second()
  life.books?.flush()
  const rig = await rigOf(receiver, {}, () => life.books?.bornUnixMs ?? null)
  rig.snapshot = life.books?.snapshot ?? null
  await rig.look()
  const { node, bornUnixMs } = life.disk.state ?? assert.fail('nothing was flushed')
  const { sent } = receiver.newest
  const points = (name: string) => sent.metrics.find((metric) => metric.name === name)?.points ?? []
  const uj = (value: number | null) => BigInt(Math.round((value ?? Number.NaN) * 1e6))
  assert.deepEqual(
    Object.fromEntries(points('hw.host.energy').map((one) => [one.attributes['wattledger.quality'], uj(one.value)])),
    node.energyUj,
  )
  for (const { part, quality, energyUj } of node.parts) {
    const found = points('hw.energy').find(
      ({ attributes }) => attributes['hw.id'] === part && attributes['wattledger.quality'] === quality,
    )
    assert.equal(uj(found?.value ?? null), energyUj)
    assert.equal(found?.startNs, BigInt(bornUnixMs) * 1_000_000n)
  }
  assert.ok(node.energyUj.measured > 1_000_000_000n)
  await life.stop()
})

test('across ends and kills the start of the counters stays, and none falls', async (t) => {
  t.after(() => mock.timers.reset())
  const receiver = await TestReceiver.start(t)
  const life = new AgentLife()
  const born = life.clock.unixMs()
  const highest = new Map<string, number>()
  let points = 0

  async function push(): Promise<void> {
    const rig = await rigOf(receiver, {}, () => life.books?.bornUnixMs ?? null)
    rig.snapshot = life.books?.snapshot ?? null
    await rig.look()
    assert.equal(rig.push.state.pushes.taken, 1)
    const kept = receiver.newest.sent.metrics.filter(({ name }) =>
      /^hw\.(?:host\.)?energy$|\.co2e$|\.water$/.test(name),
    )
    for (const { name, points: all } of kept) {
      for (const { attributes, value, startNs } of all) {
        const series = JSON.stringify([name, attributes])
        assert.ok((value ?? 0) >= (highest.get(series) ?? 0), series)
        highest.set(series, value ?? 0)
        assert.equal(startNs, BigInt(born) * 1_000_000n)
        points++
      }
    }
  }

  for (const end of ['stop', 'kill', 'kill', 'stop'] as const) {
    await life.start()
    for (let second = 0; second < 25; second++) {
      life.second()
      if (second % 6 === 5) await push()
    }
    await push()
    await life[end]()
    for (let second = 0; second < 5; second++) life.second()
  }
  await life.start()
  life.second()
  await push()
  await life.stop()
  assert.ok(points > 100)
  const machine = [...highest].filter(([series]) => series.startsWith('["hw.host.energy"')).map(([, joules]) => joules)
  assert.ok(machine.reduce((sum, joules) => sum + joules) > 4 * 25 * 200)
})
