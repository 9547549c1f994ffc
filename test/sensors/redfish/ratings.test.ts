import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../../src/io/answer.ts'
import { dial, idrac10, ilo, type Tree } from '../../fixtures/redfish/trees.ts'
import { Rig, shown } from './rig.ts'

const V1 = '/redfish/v1'

/** A machine of HPE with supplies of these ratings in `Power`. */
function rated(...ratings: readonly Json[]): { readonly its: ReturnType<typeof dial>; readonly tree: Tree } {
  const its = dial()
  const PowerSupplies = ratings.map((PowerCapacityWatts, at) => ({
    MemberId: `${at}`,
    Name: 'PSU',
    PowerCapacityWatts,
  }))
  const PowerControl = () => [{ MemberId: '0', PowerConsumedWatts: its.watts }]
  const tree = { ...ilo(its, 'ProLiant DL380 Gen11') }
  tree[`${V1}/Chassis/1/Power`] = () => ({ PowerControl: PowerControl(), PowerSupplies })
  return { its, tree }
}

test('more than the supplies can take is corrupt, and what they can is a fact', async (t) => {
  const { its, tree } = rated(800, 800)
  const rig = await Rig.create(t, tree)
  const [channel] = await rig.open()
  assert.deepEqual([channel?.maxPowerUw, channel?.facts.supplies], [2_400_000_000n, '1600 W'])
  await rig.pass()
  for (const [watts, wanted] of [
    [2_400, 2_400],
    [2_401, 'SENSOR_CORRUPT'],
    [65_535, 'SENSOR_CORRUPT'],
  ] as const) {
    its.watts = watts
    assert.deepEqual(shown(await rig.pass()), [wanted])
  }
})

for (const ratings of [[], [800, null], [800, 0], [800, 65_535], ['nan'], [-800]] as const) {
  test(`ratings ${JSON.stringify(ratings)} bound nothing`, async (t) => {
    const { tree } = rated(...ratings)
    const [channel] = await (await Rig.create(t, tree)).open()
    assert.deepEqual([channel?.maxPowerUw, channel?.facts.supplies], [50_000_000_000n, undefined])
  })
}

test('an empty bay has no rating, and supplies may be among the newer resources alone', async (t) => {
  const tree: Tree = { ...idrac10(dial()) }
  const path = Object.keys(tree).find((one) => /\/Chassis\/System\.Embedded\.1$/.test(one)) ?? assert.fail()
  const chassis = tree[path]
  const plain = typeof chassis === 'function' ? chassis() : (chassis ?? null)
  assert.ok(typeof plain === 'object' && plain !== null)
  const subsystem = `${path}/PowerSubsystem`
  tree[path] = { ...plain, PowerSubsystem: { '@odata.id': subsystem } }
  tree[subsystem] = { PowerSupplies: { '@odata.id': `${subsystem}/PowerSupplies` } }
  const bays = ['1', '2', '3'].map((bay) => `${subsystem}/PowerSupplies/${bay}`)
  tree[`${subsystem}/PowerSupplies`] = { Members: bays.map((bay) => ({ '@odata.id': bay })) }
  for (const bay of bays.slice(0, 2)) tree[bay] = { PowerCapacityWatts: 1_400, Status: { State: 'Enabled' } }
  tree[bays[2] ?? ''] = { PowerCapacityWatts: null, Status: { State: 'Absent' } }
  const channels = await (await Rig.create(t, tree)).open()
  assert.deepEqual(new Set(channels.map(({ facts }) => facts.supplies)), new Set(['2800 W']))
})
