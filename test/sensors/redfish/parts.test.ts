import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../../src/io/answer.ts'
import { HOUR_MS } from '../../../src/model/time.ts'
import type { ToldParts } from '../../../src/model/told-parts.ts'
import {
  hgxParts,
  idrac8Parts,
  idrac9Parts,
  idrac10Parts,
  iloParts,
  irmcParts,
  listed,
  openbmcParts,
  stored,
  tsmParts,
  twoNodesParts,
  xccParts,
} from '../../fixtures/redfish/part-trees.ts'
import { type Dial, dial, idrac9, type Tree } from '../../fixtures/redfish/trees.ts'
import { Rig } from './rig.ts'

const of = <T>(count: number, one: T): T[] => new Array<T>(count).fill(one)
const FIRST_MS = 30_000
const MINUTE_MS = 60_000
const DAY_MS = 24 * HOUR_MS

type Expected = Omit<ToldParts, 'sensor' | 'teller'>
const NOTHING = { dimmsGib: null, suppliesW: null, disks: null, processors: null, chassis: 'rack' } as const

const VENDORS: Readonly<Record<string, readonly [tree: (its: Dial) => Tree, told: Expected, keys?: object]>> = {
  'iDRAC8: a card for booting is no disk': [
    idrac8Parts,
    {
      dimmsGib: of(8, 16),
      suppliesW: [750, 750],
      disks: of(2, { name: 'ST1000NX0423', gb: 1_000.204886016, rotates: true }),
      processors: of(2, { name: 'Intel(R) Xeon(R) CPU E5-2650 v4 @ 2.20GHz', cores: 12 }),
      chassis: 'rack',
    },
  ],
  'iDRAC9: a drive behind two controllers is one, and a rating stands among the input ranges': [
    idrac9Parts,
    {
      dimmsGib: of(16, 32),
      suppliesW: [1_400, 1_400],
      disks: [
        ...of(4, { name: 'PM1643', gb: 3_840.755982336, rotates: false }),
        { name: 'BOSS', gb: 480.103981056, rotates: false },
      ],
      processors: of(2, { name: 'Intel(R) Xeon(R) Gold 6430', cores: 32 }),
      chassis: 'rack',
    },
  ],
  'iDRAC10: modules on two pages, one of which is not there': [idrac10Parts, { ...NOTHING, dimmsGib: of(4, 64) }],
  'iLO5: empty slots and sockets are listed': [
    iloParts,
    {
      ...NOTHING,
      dimmsGib: of(4, 32),
      suppliesW: [null],
      processors: [{ name: 'Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz', cores: 20 }],
    },
  ],
  'XCC: an empty slot has no capacity, and what keeps its content is no memory': [
    xccParts,
    {
      ...NOTHING,
      dimmsGib: of(8, 64),
      disks: [{ name: 'MZWLO1T9HCJR', gb: 1_920.383410176, rotates: false }],
      processors: [{ name: 'Intel Xeon Platinum 8480+', cores: 56 }],
    },
  ],
  'TSM: numbers as text': [
    tsmParts,
    { ...NOTHING, dimmsGib: of(8, 32), processors: [{ name: 'AMD EPYC 7763 64-Core Processor', cores: 64 }] },
  ],
  'iRMC: a drive is known by its turning': [
    irmcParts,
    { ...NOTHING, dimmsGib: [16, 16], disks: [{ name: 'TOSHIBA AL15SEB120N', gb: 1_200.243695616, rotates: true }] },
  ],
  'OpenBMC: cores that it does not know, and an empty list of drives': [
    openbmcParts,
    { ...NOTHING, dimmsGib: [64], processors: [{ name: 'Ampere(R) Altra(R) Max', cores: null }] },
  ],
  'HGX: what lies on the board of accelerators is not memory of the host': [
    hgxParts,
    { ...NOTHING, dimmsGib: of(24, 64), processors: of(2, { name: 'AMD EPYC 9554', cores: 64 }) },
  ],
  "two nodes: neither the other's modules nor the supplies of both": [
    twoNodesParts,
    { ...NOTHING, dimmsGib: of(4, 32), chassis: 'node' },
    { system: 'Node2' },
  ],
}

describe('the parts of the machine, by vendor', () => {
  for (const [name, [tree, expected, keys]] of Object.entries(VENDORS)) {
    test(name, async (t) => {
      const rig = await Rig.create(t, tree(dial()), keys)
      await rig.open()
      assert.equal(rig.sensor.told, null)
      const { sensor, teller, ...told } = (await rig.told()) ?? assert.fail()
      assert.deepEqual([sensor, teller, told], ['redfish', `127.0.0.1:${rig.bmc.port}`, expected])
      await rig.sensor.close()
      assert.deepEqual([rig.bmc.opened, rig.bmc.deleted, rig.bmc.mostInFlight], [1, 1, 1])
    })
  }
})

const SYSTEM = '/redfish/v1/Systems/System.Embedded.1'
const DIMM = { CapacityMiB: 32_768, Status: { State: 'Enabled' } }

/** What is told of a machine with these modules. */
async function modulesOf(t: Parameters<typeof Rig.create>[0], modules: Readonly<Record<string, Json>>) {
  const rig = await Rig.create(t, listed(idrac9(dial()), SYSTEM, 'Memory', modules))
  await rig.open()
  return (await rig.told())?.dimmsGib
}

for (const capacity of [null, undefined, 'nan', '', {}, -1, 1e300, 5_000_000_000, 1e-9] as const) {
  test(`a module of ${JSON.stringify(capacity)} MiB makes the list none`, async (t) => {
    const strange = capacity === undefined ? { Status: { State: 'Enabled' } } : { ...DIMM, CapacityMiB: capacity }
    assert.equal(await modulesOf(t, { 1: DIMM, 2: strange }), null)
  })
}

test('a module that cannot be read makes the list none, and what stands beside it is told', async (t) => {
  const rig = await Rig.create(t, idrac9Parts(dial()))
  rig.bmc.fault = (_, response, path) => path.endsWith('DIMM.Socket.A7') && Boolean(response.writeHead(500).end('{}'))
  await rig.open()
  const { dimmsGib, disks, suppliesW } = (await rig.told()) ?? assert.fail()
  assert.deepEqual([dimmsGib, disks?.length, suppliesW], [null, 5, [1_400, 1_400]])
})

test('a controller that lies of a billion modules, drives and sockets is asked for none of them', async (t) => {
  const links = Array.from({ length: 10_000 }, (_, at) => ({ '@odata.id': `${SYSTEM}/Memory/${at}` }))
  const endless = { Members: links, 'Members@odata.count': 1e9, 'Members@odata.nextLink': `${SYSTEM}/Memory?more` }
  const lists = Object.fromEntries(['Memory', 'Processors'].map((key) => [`${SYSTEM}/${key}`, endless] as const))
  const tree: Tree = { ...idrac9Parts(dial()), ...lists, [`${SYSTEM}/Memory?more`]: endless }
  tree[`${SYSTEM}/Storage/RAID.SL.3-1`] = { Drives: links }
  const rig = await Rig.create(t, tree)
  await rig.open()
  const before = rig.bmc.asked.length
  const { dimmsGib, disks, processors } = (await rig.told()) ?? assert.fail()
  assert.deepEqual([dimmsGib, disks, processors], [null, null, null])
  assert.ok(rig.bmc.asked.length - before < 20, `${rig.bmc.asked.length - before} requests`)
})

test('names are short and obey no terminal', async (t) => {
  const name = `evil\u001b[2J\n${'x'.repeat(900_000)}`
  const drive = { Model: name, CapacityBytes: 1e12, MediaType: 'SSD' }
  const tree = listed(stored(idrac9(dial()), SYSTEM, '1', { 1: drive }), SYSTEM, 'Processors', { 1: { Model: name } })
  const rig = await Rig.create(t, tree)
  await rig.open()
  const { disks, processors } = (await rig.told()) ?? assert.fail()
  for (const told of [disks?.[0]?.name, processors?.[0]?.name]) {
    assert.equal(told?.length, 200)
    assert.doesNotMatch(told ?? '', /\p{Cc}/u)
  }
})

test('parts are asked for half a minute after the start and once a day, however often the meters are looked for', async (t) => {
  const rig = await Rig.create(t, idrac9Parts(dial()))
  await rig.open()
  const first = await rig.told()
  assert.equal(rig.rests[0], FIRST_MS)
  assert.equal(rig.rests.at(-1), DAY_MS)
  const asked = rig.bmc.asked.filter(({ path }) => path.includes('/Memory/')).length
  for (let looks = 0; looks < 3; looks += 1) await rig.open()
  assert.equal(rig.bmc.asked.filter(({ path }) => path.includes('/Memory/')).length, asked)
  assert.equal(rig.sensor.told, first)
  rig.bmc.tree = listed(rig.bmc.tree, SYSTEM, 'Memory', { 1: DIMM })
  assert.deepEqual((await rig.told())?.dimmsGib, [32])
})

test('a controller that stops answering is asked again after an hour, and what was told stays', async (t) => {
  const rig = await Rig.create(t, idrac9Parts(dial()))
  await rig.open()
  const first = await rig.told()
  rig.bmc.fault = (_, response, path) =>
    path.includes('/Storage') && Boolean(response.writeHead(503, { 'retry-after': '60' }).end('{}'))
  assert.equal(await rig.told(), first)
  const restMs = rig.rests.at(-1) ?? 0
  assert.ok(restMs > HOUR_MS - MINUTE_MS && restMs <= HOUR_MS, `${restMs} ms`)
  rig.bmc.fault = () => false
  const again = await rig.told()
  assert.ok(again !== first)
  assert.deepEqual(again, first)
})

test('a slow controller has as long for its readings as for its parts', async (t) => {
  const rig = await Rig.create(t, idrac9Parts(dial()))
  await rig.open()
  const startNs = rig.clock.monotonicNs()
  let requests = 0
  rig.bmc.fault = () => {
    requests += 1
    rig.clock.advance(8_000_000_000n)
    return false
  }
  await rig.told()
  const askedNs = rig.clock.monotonicNs() - startNs - BigInt(FIRST_MS) * 1_000_000n
  assert.ok(requests > 20)
  assert.equal(askedNs, BigInt(requests) * 16_000_000_000n)
})

/** Without a licence a controller tells no watts. */
const powerless = (tree: Tree): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => !/\/(Power|EnvironmentMetrics|Sensors)\b/.test(path)))

test('a controller that tells no watts tells the parts all the same, under one session, until it tells watts too', async (t) => {
  const whole = idrac9Parts(dial())
  const rig = await Rig.create(t, powerless(whole))
  assert.equal((await rig.refusal()).code, 'SENSOR_ABSENT')
  assert.equal((await rig.refusal()).code, 'SENSOR_ABSENT', 'looked at again')
  assert.equal((await rig.told())?.dimmsGib?.length, 16)
  assert.deepEqual(rig.rests, [FIRST_MS, DAY_MS])
  rig.bmc.tree = whole
  await rig.open()
  assert.equal(rig.channels.length > 0 && (await rig.pass()).length > 0, true)
  rig.bmc.tree = listed(whole, SYSTEM, 'Memory', { 1: DIMM })
  assert.deepEqual((await rig.told())?.dimmsGib, [32])
  await rig.sensor.close()
  assert.deepEqual([rig.bmc.opened, rig.bmc.deleted], [1, 1])
})

test('one that stops answering before it told watts is asked anew, and leaves no session', async (t) => {
  const rig = await Rig.create(t, powerless(idrac9Parts(dial())))
  assert.equal((await rig.refusal()).code, 'SENSOR_ABSENT')
  rig.bmc.fault = (_, response) => Boolean(response.writeHead(500).end('{}'))
  assert.equal((await rig.refusal()).code, 'SENSOR_TRANSIENT')
  rig.bmc.fault = () => false
  assert.equal((await rig.refusal()).code, 'SENSOR_ABSENT')
  assert.equal((await rig.told())?.dimmsGib?.length, 16)
  await rig.sensor.close()
  assert.deepEqual([rig.bmc.opened, rig.bmc.deleted], [2, 1])
})
