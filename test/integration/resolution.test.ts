import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentPower } from '../../src/integration/recent-power.ts'
import { channelKey } from '../../src/model/channel.ts'
import { NS_PER_MS, NS_PER_S } from '../../src/model/units.ts'
import { count, counterChannel, integration, TestClock, watts } from './machine.ts'

const TENTH = 100n * NS_PER_MS

/** A register that is read ten times a second, of a machine whose every other tenth of a second draws 100 W more. */
test('what a counter shows as power is never of less than a second, however often it is read', () => {
  const clock = new TestClock()
  const channel = counterChannel('package-0', { intervalNs: TENTH })
  const node = integration(clock)
  node.setChannels('rapl', [channel])
  node.openAccount()
  let energyUj = 0n
  const shown = new Set<bigint | null | undefined>()
  const total = new Set<bigint | null | undefined>()
  for (let second = 0; second < 10; second++) {
    const readings = Array.from({ length: 10 }, (_, tenth) => {
      clock.advance(TENTH)
      energyUj += tenth % 2 === 0 ? 20_000_000n : 10_000_000n
      return count(clock.ns, energyUj)
    })
    for (const reading of readings) node.accept('rapl', [{ first: 0, readings: [reading] }])
    node.tick()
    if (second < 2) continue
    const { channels, node: current } = node.gauges()
    shown.add(channels.find(({ key }) => key === channelKey(channel))?.powerUw)
    total.add(current?.powerUw)
  }
  assert.deepEqual([...shown], [watts(150)])
  assert.equal(total.size, 1)
})

test('postings count until they span a second, and after a gap only what came after it', () => {
  const recent = new RecentPower()
  const post = (startTenth: number, tenths: number, energyUj: bigint): void =>
    recent.add({ startNs: BigInt(startTenth) * TENTH, endNs: BigInt(startTenth + tenths) * TENTH, energyUj })
  const latest = (): unknown => recent.latest
  assert.equal(latest(), null)
  for (let tenth = 0; tenth < 9; tenth++) post(tenth, 1, 1_000_000n)
  assert.equal(latest(), null, 'less than a second is shown to nobody')
  post(9, 1, 1_000_000n)
  assert.deepEqual(latest(), { powerUw: watts(10), atNs: NS_PER_S })
  post(10, 1, 11_000_000n)
  assert.deepEqual(latest(), { powerUw: watts(20), atNs: 11n * TENTH })
  post(11, 50, 250_000_000n)
  assert.deepEqual(latest(), { powerUw: watts(50), atNs: 61n * TENTH }, 'a long posting stands for itself')
  post(70, 5, 5_000_000n)
  assert.deepEqual(
    latest(),
    { powerUw: watts(50), atNs: 61n * TENTH },
    'the last figure grows old until there is another',
  )
  post(75, 5, 15_000_000n)
  assert.deepEqual(latest(), { powerUw: watts(20), atNs: 80n * TENTH })
  recent.forget()
  assert.equal(latest(), null)
})
