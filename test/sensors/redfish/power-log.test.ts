import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Json } from '../../../src/io/answer.ts'
import { isLog } from '../../../src/model/channel.ts'
import { readingAtNs, type Sweep } from '../../../src/model/reading.ts'
import { NS_PER_S } from '../../../src/model/units.ts'
import { type Dial, dial, ilo, type Tree } from '../../fixtures/redfish/trees.ts'
import { Rig } from './rig.ts'

const { signal } = new AbortController()
const DAY_S = 86_400

/** An open controller of HPE whose clock differs from ours by so much. */
async function opened(
  t: TestContext,
  offMs = 0,
  change = (tree: Tree): Tree => tree,
): Promise<{ rig: Rig; its: Dial }> {
  const its = dial()
  const rig = await Rig.create(t, change(ilo(its, 'ProLiant DL380 Gen11')))
  its.time = new Date(rig.clock.unixMs() + offMs).toISOString()
  await rig.open()
  return { rig, its }
}

/** Of the second channel: how long ago, in s, and W. */
function logged(
  { sensor, clock }: Rig,
  sweeps: readonly Sweep[] = sensor.drain(),
): readonly (readonly [number, number])[] {
  return sweeps.flatMap(({ first, readings }) =>
    first === 1
      ? readings.flatMap((one): (readonly [number, number])[] =>
          one.status === 'power'
            ? [[Number((clock.ns - readingAtNs(one)) / (NS_PER_S / 10n)) / 10, Number(one.powerUw) / 1e6]]
            : [],
        )
      : [],
  )
}

test('means of five minutes, then of ten seconds, each in the middle of its time', async (t) => {
  const { rig } = await opened(t)
  const [meter, log] = rig.channels
  assert.ok(meter && log && isLog(log))
  assert.deepEqual([log.fills, log.quality, log.nodeMeter], ['redfish/ac_in/bmc', 'derived', 'redfish-log'])
  const readings = logged(rig)
  const ages = readings.map(([ago]) => ago)
  assert.deepEqual(
    ages,
    ages.toSorted((a, b) => b - a),
  )
  assert.ok(ages[0] !== undefined && ages[0] > DAY_S - 600 && ages[0] <= DAY_S)
  assert.deepEqual(ages.slice(-4), [25, 15, 5, 0])
  assert.ok(ages.every((ago, at) => at === 0 || (ages[at - 1] ?? 0) - ago <= 450))
  assert.ok(readings.every(([, watts]) => watts === 312))
})

test('a log is read once, and its newest mean is what doctor shows', async (t) => {
  const { rig } = await opened(t)
  const reads = () => rig.bmc.asked.filter(({ path }) => path.endsWith('PowerMeter')).length
  assert.equal(reads(), 2)
  assert.deepEqual(logged(rig, await rig.sensor.readNow(signal)), [[0, 312]])
  await rig.open()
  assert.equal(rig.channels.length, 2)
  assert.deepEqual([reads(), logged(rig)], [2, []])
})

test('a controller whose clock is off has logged nothing', async (t) => {
  for (const offMs of [-45_000, 45_000, 3_600_000]) {
    const { rig } = await opened(t, offMs)
    assert.equal(rig.channels.length, 2)
    assert.deepEqual(logged(rig), [])
  }
})

const odd: readonly (readonly [name: string, fast: Json | undefined, wanted: number])[] = [
  ['no log of seconds', undefined, 0],
  ['no list', { PowerDetail: 'none' }, 0],
  ['0 W, as of a controller without a meter', { PowerDetail: [{ Time: '2026-03-01T10:00:00Z', Average: 0 }] }, 0],
  ['no numbers and no times', { PowerDetail: [{ Average: 300 }, { Time: 'now', Average: 300 }, null, 7, [1]] }, 0],
  [
    'the order of nobody',
    {
      PowerDetail: [
        { Time: '2026-03-01T10:00:00Z', Average: 310 },
        { Time: '2026-03-01T09:59:40Z', Average: 'nan' },
        { Time: '2026-03-01T09:59:50Z', Average: '300' },
      ],
    },
    3,
  ],
]
for (const [name, fast, wanted] of odd) {
  test(`a log with ${name}`, async (t) => {
    const { rig } = await opened(t, 0, (tree) => {
      const path = Object.keys(tree).find((one) => one.endsWith('/FastPowerMeter')) ?? assert.fail()
      const slow = Object.keys(tree).find((one) => one.endsWith('/PowerMeter')) ?? assert.fail()
      const { [path]: _, [slow]: __, ...others } = tree
      return fast === undefined ? others : { ...others, [path]: fast }
    })
    assert.equal(logged(rig).length, wanted)
  })
}
