import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Json } from '../../../src/io/answer.ts'
import { NS_PER_S } from '../../../src/model/units.ts'
import type { Fault } from '../../fixtures/redfish/bmc.ts'
import { type Dial, dial, idrac8, idrac10, openbmc, xcc } from '../../fixtures/redfish/trees.ts'
import { Rig, shown } from './rig.ts'

/** An open iDRAC10: energy, then power. */
async function energyAndPower(t: TestContext, keys = {}): Promise<{ rig: Rig; its: Dial; later: () => void }> {
  const its = dial()
  const rig = await Rig.create(t, idrac10(its), keys)
  await rig.open()
  let unixMs = Date.parse(its.time)
  const later = () => {
    unixMs += 30_000
    its.time = new Date(unixMs).toISOString()
  }
  return { rig, its, later }
}

for (const [value, code] of [
  [null, 'SENSOR_TRANSIENT'],
  ['nan', 'SENSOR_TRANSIENT'],
  ['N/A', 'SENSOR_TRANSIENT'],
  ['', 'SENSOR_TRANSIENT'],
  [true, 'SENSOR_TRANSIENT'],
  [{}, 'SENSOR_TRANSIENT'],
  [0, 'SENSOR_CORRUPT'],
  [-5, 'SENSOR_CORRUPT'],
] as readonly (readonly [Json, string])[]) {
  test(`${JSON.stringify(value)} is no reading`, async (t) => {
    const { rig, its, later } = await energyAndPower(t)
    await rig.pass()
    later()
    its.watts = value
    its.kWh = value
    assert.deepEqual(shown(await rig.pass()), [code, code])
    const old = await Rig.create(t, idrac8(its))
    assert.equal((await old.refusal()).code, 'SENSOR_ABSENT', 'nor does it make a meter')
  })
}

test('what was not measured anew is no reading, and after three intervals a failure that shows', async (t) => {
  const { rig, later } = await energyAndPower(t)
  assert.equal((await rig.pass()).length, 2)
  assert.deepEqual(await rig.pass(), [])
  assert.deepEqual(await rig.pass(), [])
  const stale = await rig.pass()
  assert.deepEqual(shown(stale), ['SENSOR_TRANSIENT'])
  const [first] = stale
  assert.match(first?.status === 'failed' ? first.message : '', /not measured since 2026-03-01T12:00:00Z/)
  for (let pass = 4; pass < 20; pass++) assert.equal((await rig.pass()).length, 1, 'a counter may take its time')
  assert.deepEqual(shown(await rig.pass()), ['SENSOR_TRANSIENT', 'SENSOR_TRANSIENT'])
  later()
  assert.deepEqual(shown(await rig.pass()), [4_711_125n, 312])
})

test('the noise in the last digits of a counter makes no other register of it', async (t) => {
  const its = dial()
  its.joules = 1_000.123_456_789_01
  const rig = await Rig.create(t, openbmc(its))
  const [energy] = await rig.open()
  assert.equal(energy?.facts.resolution, '0.000001 J')
  for (const [index, joules] of [1_001.5, 1_002.000_000_1, 1_003].entries()) {
    its.joules = joules
    its.time = new Date(Date.UTC(2026, 5) + index * 30_000).toISOString()
    assert.equal(shown(await rig.pass())[0], BigInt(Math.floor(joules)) * 1_000_000n + (index === 0 ? 500_000n : 0n))
    assert.equal(await rig.sensor.changed(), false)
  }
})

test('a clock that was never set tells no age', async (t) => {
  const { rig, its } = await energyAndPower(t)
  its.time = '1970-01-01T00:00:00Z'
  for (let pass = 0; pass < 3; pass++) assert.deepEqual(shown(await rig.pass()), [4_711_125n, 312])
})

test('a counter that was reset above where it stood is looked for anew', async (t) => {
  const its = dial()
  const tree = idrac10(its)
  const path = Object.keys(tree).find((path) => path.endsWith('SystemBoardEnergy')) ?? ''
  const sensor = () => ({ ReadingType: 'EnergykWh', Reading: its.kWh, SensorResetTime: its.since })
  const rig = await Rig.create(t, { ...tree, [path]: sensor })
  await rig.open()
  assert.deepEqual(shown(await rig.pass()).slice(0, 1), [4_711_125n])
  assert.equal(await rig.sensor.changed(), false)
  its.since = '2026-03-01T12:00:00Z'
  its.kWh = 4_800.5
  assert.deepEqual(shown(await rig.pass()).slice(0, 1), ['SENSOR_CORRUPT'])
  assert.equal(await rig.sensor.changed(), true)
  const [counter] = await rig.open()
  assert.equal(counter?.kind === 'counter' && counter.since, '2026-03-01T12:00:00Z')
  assert.deepEqual(shown(await rig.pass()).slice(0, 1), [4_800_500n])
})

test('the count of a life is taken before the one that is reset', async (t) => {
  const tree = idrac10(dial())
  const path = Object.keys(tree).find((path) => path.endsWith('SystemBoardEnergy')) ?? ''
  const sensor = {
    ReadingType: 'EnergykWh',
    Reading: 1.5,
    LifetimeReading: 90_000.25,
    SensorResetTime: '2026-01-01T00:00:00Z',
  }
  const rig = await Rig.create(t, { ...tree, [path]: sensor })
  await rig.open()
  assert.deepEqual(shown(await rig.pass()).slice(0, 1), [90_000_250n])
})

test('what is left of a limit is no power', async (t) => {
  const tree = openbmc(dial())
  const path = Object.keys(tree).find((path) => path.endsWith('power_total_power')) ?? ''
  for (const ReadingBasis of ['Headroom', 'Delta']) {
    const rig = await Rig.create(t, { ...tree, [path]: { ReadingType: 'Power', Reading: 500, ReadingBasis } })
    assert.deepEqual(
      (await rig.open()).map(({ kind }) => kind),
      ['counter'],
    )
  }
})

test('a resource that is gone costs itself, and the controller is looked at anew', async (t) => {
  const { rig, later } = await energyAndPower(t)
  rig.bmc.fault = (_, response, path) => path.endsWith('Energy') && Boolean(response.writeHead(404).end('{}'))
  later()
  assert.deepEqual(shown(await rig.pass()), ['SENSOR_ABSENT', 312])
  assert.equal(await rig.sensor.changed(), true)
})

test('a broken resource costs itself', async (t) => {
  const { rig, later } = await energyAndPower(t)
  const bodies = ['{', '[]', '""', 'null', '7', '<html>']
  for (const body of bodies) {
    rig.bmc.fault = (_, response, path) => path.endsWith('Energy') && Boolean(response.end(body))
    later()
    const [energy, power] = shown(await rig.pass())
    assert.match(String(energy), /^SENSOR_(CORRUPT|TRANSIENT)$/, body)
    assert.equal(power, 312)
  }
})

test('a controller that is slower than the deadline is asked once a pass, and half of its time at most', async (t) => {
  const { rig } = await energyAndPower(t, { deadline: '1s' })
  // 25 s by the clock of the sensor.
  rig.bmc.fault = () => {
    rig.clock.advance(25n * NS_PER_S)
    return true
  }
  const asked = rig.bmc.asked.length
  assert.deepEqual(shown(await rig.pass()), ['SENSOR_TIMEOUT', 'SENSOR_TIMEOUT'])
  assert.equal(rig.bmc.asked.length - asked, 1)
  assert.equal(rig.waits.at(-1), 25_000)
  assert.equal(rig.bmc.mostInFlight, 1)
})

test('one that answers after 25 s is read, and rests as long', async (t) => {
  const { rig } = await energyAndPower(t)
  rig.bmc.fault = () => {
    rig.clock.advance(25n * NS_PER_S)
    return false
  }
  const readings = await rig.pass()
  assert.deepEqual(shown(readings), [4_711_125n, 312])
  assert.ok(readings.every(({ beforeNs, afterNs }) => afterNs - beforeNs === 25n * NS_PER_S))
  assert.equal(rig.waits.at(-1), 50_000)
})

test('a controller that asks for patience gets it, up to an hour', async (t) => {
  const { rig } = await energyAndPower(t)
  const busy =
    (seconds: string): Fault =>
    (_, response) =>
      Boolean(response.writeHead(503, { 'retry-after': seconds }).end('{}'))
  for (const [asked, given] of [
    ['120', 120_000],
    ['1', 30_000],
    ['90000', 3_600_000],
  ] as const) {
    rig.bmc.fault = busy(asked)
    assert.deepEqual(shown(await rig.pass()), ['SENSOR_TRANSIENT', 'SENSOR_TRANSIENT'])
    assert.equal(rig.waits.at(-1), given)
  }
})

test('an idle connection that was closed costs no reading', async (t) => {
  const { rig, later } = await energyAndPower(t)
  let isFirst = true
  rig.bmc.fault = ({ socket }) => {
    const closes = isFirst
    isFirst = false
    if (closes) socket.destroy()
    return closes
  }
  later()
  assert.deepEqual(shown(await rig.pass()), [4_711_125n, 312])
})

test('a collection without an end is given up', async (t) => {
  const tree = xcc(dial())
  const endless = { Members: [], 'Members@odata.nextLink': '/redfish/v1/Systems' }
  const rig = await Rig.create(t, { ...tree, '/redfish/v1/Systems': endless })
  assert.equal((await rig.refusal()).code, 'SENSOR_ABSENT')
  let page = 0
  rig.bmc.fault = (_, response, path) => {
    if (!path.startsWith('/redfish/v1/Systems')) return false
    page += 1
    return Boolean(response.end(JSON.stringify({ 'Members@odata.nextLink': `/redfish/v1/Systems?${page}` })))
  }
  assert.equal((await rig.refusal()).code, 'SENSOR_ABSENT')
  assert.equal(page, 50)
})

test('a controller that accepts connections and says nothing gathers none', async (t) => {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket
      .resume()
      .on('error', () => {})
      .on('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const rig = await Rig.create(t, {}, { url: `https://127.0.0.1:${port}`, deadline: '1s' })
  for (let time = 0; time < 2; time++) {
    assert.equal((await rig.refusal()).code, 'SENSOR_TIMEOUT')
    for (const socket of open) await once(socket, 'close')
  }
  assert.equal(open.size, 0)
})

test('what is no Redfish says so', async (t) => {
  const rig = await Rig.create(t, { '/redfish/v1/': 'welcome' })
  const { code, remedy } = await rig.refusal()
  assert.deepEqual(
    [code, remedy],
    ['SENSOR_CORRUPT', 'check that sensors.redfish.url is the address of the management controller'],
  )
  const empty = await Rig.create(t, {})
  assert.equal((await empty.refusal()).code, 'SENSOR_ABSENT')
})
