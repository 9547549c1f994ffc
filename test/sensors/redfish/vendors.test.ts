import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { Json } from '../../../src/io/answer.ts'
import { NS_PER_S } from '../../../src/model/units.ts'
import {
  type Dial,
  dial,
  hgx,
  idrac8,
  idrac9,
  idrac10,
  ilo,
  irmc,
  openbmc,
  supplies,
  type Tree,
  tsm,
  twoNodes,
  xcc,
} from '../../fixtures/redfish/trees.ts'
import { Rig, shown } from './rig.ts'

interface Expected {
  readonly tree: (its: Dial) => Tree
  readonly keys?: object
  /** `scope/device: meter`, the best first. */
  readonly channels: readonly string[]
  readonly reads: readonly (number | bigint)[]
  /** Requests in each pass. */
  readonly gets: number
}

const WATTS = { channels: ['ac_in/bmc: redfish'], reads: [312], gets: 1 } as const
const LOGGED = { ...WATTS, channels: ['ac_in/bmc: redfish', 'ac_in/bmc-log: redfish-log'] } as const
const BOTH = ['ac_in/bmc-energy: redfish', 'ac_in/bmc: redfish-power'] as const

const VENDORS: Readonly<Record<string, Expected>> = {
  'iDRAC8: an entry of Power, and no supply whose input is its rating': { ...WATTS, tree: idrac8 },
  'iDRAC9: a sensor comes before Power, and a backplane is no machine': { ...WATTS, tree: idrac9 },
  'iDRAC10: energy and power of sensors on another page': {
    tree: idrac10,
    channels: BOTH,
    reads: [4_711_125n, 312],
    gets: 2,
  },
  'iLO5: what a supply gives is not what it takes': { ...LOGGED, tree: (its) => ilo(its, 'ProLiant DL380 Gen10') },
  iLO6: { ...LOGGED, tree: (its) => ilo(its, 'ProLiant DL380 Gen11') },
  'XCC: the entry of the machine, not the sum of it and its parts': { ...WATTS, tree: xcc },
  'TSM: numbers as text, and what JSON does not know': { ...WATTS, tree: tsm },
  'iRMC: the figure of the vendor beside an empty list': { ...WATTS, tree: irmc },
  'OpenBMC: energy is among the sensors alone, and the metrics answer 500': {
    tree: openbmc,
    channels: BOTH,
    reads: [88_123_456n, 312],
    gets: 2,
  },
  'HGX: the host, and not the board of its accelerators': {
    tree: hgx,
    channels: BOTH,
    reads: [4_711_125n, 312],
    gets: 1,
  },
  'two nodes in an enclosure: the sled, behind the supplies of both': {
    tree: twoNodes,
    keys: { system: 'Node2' },
    channels: ['dc_node/bmc: redfish'],
    reads: [312],
    gets: 1,
  },
  'inputs of two supplies that are called alike add up': {
    tree: supplies,
    channels: ['psu/PSU: redfish', 'psu/PSU #2: redfish'],
    reads: [312, 312],
    gets: 2,
  },
}

describe('the meter of the machine, by vendor', () => {
  for (const [name, { tree, keys, channels, reads, gets }] of Object.entries(VENDORS)) {
    test(name, async (t) => {
      const rig = await Rig.create(t, tree(dial()), keys)
      if (name.startsWith('iDRAC8')) rig.bmc.sessionsAt = '/redfish/v1/Sessions'
      if (name.startsWith('OpenBMC')) {
        rig.bmc.fault = (_, response, path) => path.endsWith('Metrics') && Boolean(response.writeHead(500).end('{}'))
      }
      const found = await rig.open()
      assert.deepEqual(
        found.map(({ scope, device, nodeMeter }) => `${scope}/${device}: ${nodeMeter}`),
        channels,
      )
      const before = rig.bmc.asked.length
      assert.deepEqual(shown(await rig.pass()), reads)
      assert.equal(rig.bmc.asked.length - before, gets)
      await rig.sensor.close()
      assert.deepEqual([rig.bmc.opened, rig.bmc.deleted, rig.bmc.mostInFlight], [1, 1, 1])
    })
  }
})

test('what a controller tells of the machine is a fact of the channel', async (t) => {
  const rig = await Rig.create(t, idrac10(dial()))
  const [energy] = await rig.open()
  const { controller, ...facts } = energy?.facts ?? {}
  assert.equal(controller, `127.0.0.1:${rig.bmc.port}`)
  assert.deepEqual(facts, {
    machine: 'PowerEdge R770 GHI9012',
    source: 'sensor SystemBoardEnergy.Reading',
    resolution: '0.001 kWh',
    since: '2024-12-31T00:00:00Z',
  })
})

/** The tree with other content of some resources. */
const changed = (tree: Tree, ...changes: readonly (readonly [part: string, content: Json | undefined])[]): Tree => {
  const paths = Object.keys(tree)
  const at = (part: string) => paths.find((path) => path.endsWith(part)) ?? assert.fail(part)
  return { ...tree, ...Object.fromEntries(changes.map(([part, content]) => [at(part), content])) } as Tree
}

async function refusalOf(t: TestContext, tree: Tree, keys = {}) {
  const rig = await Rig.create(t, tree, keys)
  const error = await rig.refusal()
  await rig.sensor.close()
  assert.equal(rig.bmc.opened, rig.bmc.deleted)
  return error
}

test('a machine that cannot be told from its neighbour is not guessed', async (t) => {
  const error = await refusalOf(t, twoNodes(dial()))
  assert.equal(error.code, 'SENSOR_ABSENT')
  assert.match(error.message, /which of its systems this machine is: it has Node1, Node2/)
  assert.match(error.remedy ?? '', /sensors\.redfish\.system to one of: Node1, Node2/)
  const other = await refusalOf(t, twoNodes(dial()), { system: 'Node3' })
  assert.match(other.message, /no system Node3: it has Node1, Node2/)
})

for (const uuid of ['00000002-1111-2222-3333-444455556666', '02000000-1111-2222-3333-444455556666']) {
  test(`a machine knows itself by its UUID ${uuid}`, async (t) => {
    const rig = await Rig.create(t, twoNodes(dial()))
    const file = join(dirname(rig.passwordFile), 'class/dmi/id/product_uuid')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${uuid}\n`)
    await rig.open()
    assert.deepEqual(shown(await rig.pass()), [312])
  })
}

test('a board of accelerators alone is no machine', async (t) => {
  const tree = changed(hgx(dial()), ['/Systems', { Members: [{ '@odata.id': '/redfish/v1/Systems/HGX_Baseboard_0' }] }])
  const error = await refusalOf(t, tree)
  assert.equal(error.code, 'SENSOR_ABSENT')
  assert.match(error.remedy ?? '', /a controller of accelerators alone does not meter the machine/)
})

test('an enclosure of several machines is the meter of none', async (t) => {
  const tree = changed(twoNodes(dial()), ['/Sled2', undefined])
  const error = await refusalOf(t, tree, { system: 'Node2' })
  assert.equal(error.code, 'SENSOR_ABSENT')
  assert.match(error.message, /the meter of its chassis is that of several machines/)
})

test('an entry of an enclosure that names the machine is its own', async (t) => {
  const entry = (node: number, watts: number) => ({
    PowerConsumedWatts: watts,
    RelatedItem: [{ '@odata.id': `/redfish/v1/Systems/Node${node}` }],
  })
  const tree = changed(twoNodes(dial()), ['/Enclosure/Power', { PowerControl: [entry(1, 100), entry(2, 200)] }])
  const rig = await Rig.create(t, tree, { system: 'Node2' })
  await rig.open()
  assert.deepEqual(shown(await rig.pass()), [200])
})

test('a supply that does not tell its input leaves no sum of the others', async (t) => {
  const { code } = await refusalOf(t, changed(supplies(dial()), ['/2/Metrics', { OutputPowerWatts: { Reading: 100 } }]))
  assert.equal(code, 'SENSOR_ABSENT')
})

test('a supply that is plugged in counts within the hour', async (t) => {
  const rig = await Rig.create(t, supplies(dial()))
  await rig.open()
  rig.clock.advance(3_599n * NS_PER_S)
  assert.equal(await rig.sensor.changed(), false)
  rig.clock.advance(NS_PER_S)
  assert.equal(await rig.sensor.changed(), true)
  const other = await Rig.create(t, xcc(dial()))
  await other.open()
  other.clock.advance(7_200n * NS_PER_S)
  assert.equal(await other.sensor.changed(), false)
})

test('rails and parts are not the machine', async (t) => {
  const tree = openbmc(dial())
  const list = Object.keys(tree).find((path) => path.endsWith('/Sensors')) ?? ''
  const names = ['System_12V_Power', 'SystemPowerLimit', 'Total_GPU_Power', 'Node_Standby_Power', 'power_total_power']
  const sensor = (name: string, Reading: number) => [`${list}/${name}`, { ReadingType: 'Power', Reading }] as const
  const rig = await Rig.create(t, {
    ...tree,
    [list]: { Members: names.map((name) => ({ '@odata.id': `${list}/${name}` })) },
    ...Object.fromEntries(names.map((name, at) => sensor(name, at + 1))),
  })
  await rig.open()
  assert.deepEqual(shown(await rig.pass()), [5])
})

test('a counter in steps of more than 10 Wh stands beside the power, until it shows finer ones', async (t) => {
  const its = dial()
  its.kWh = 4711
  const rig = await Rig.create(t, idrac10(its))
  const meters = async () => (await rig.open()).map(({ nodeMeter }) => nodeMeter)
  assert.deepEqual(await meters(), [null, 'redfish'])
  its.kWh = 4711.12
  its.time = '2026-03-01T12:00:30Z'
  await rig.pass()
  assert.deepEqual(await meters(), ['redfish', 'redfish-power'])
})
