import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Sensor } from '../../../src/model/sensor.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { rapl } from '../../../src/sensors/rapl/rapl.ts'
import { scmi } from '../../../src/sensors/scmi/scmi.ts'
import { type Machine, writeMachine } from '../../fixtures/machines/machine.ts'
import { armServer, scmiZone } from '../../fixtures/machines/scmi.ts'
import { holdReads } from '../../native/held-reads.ts'
import { ask } from '../said.ts'

const { signal } = new AbortController()

function server(t: TestContext, machine: Machine) {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-scmi-'))
  writeMachine(root, machine)
  const context = { sysfs: join(root, 'sys'), procfs: join(root, 'proc'), devfs: join(root, 'dev'), clock: systemClock }
  const sensor = scmi.create({ interval: 3_600_000 }, context)
  t.after(async () => {
    await sensor.close()
    rmSync(root, { recursive: true })
  })
  return { sensor, context, zone: (path: string) => join(root, 'sys/class/powercap', path) }
}

async function rows(sensor: Sensor): Promise<string[]> {
  const channels = await sensor.open(signal)
  return channels.map(({ scope, device, hardware, facts }) =>
    [scope, device, hardware ?? '-', ...(facts.inside ? [`in ${facts.inside}`] : [])].join(' '),
  )
}

test('the outermost domain of a socket is its processor, and those inside it are none', async (t) => {
  const { sensor } = server(t, armServer)
  assert.deepEqual(await rows(sensor), [
    'package SOC0 socket-0',
    'other CORES - in SOC0',
    'other MESH - in SOC0',
    'other SLOT -',
  ])
  assert.deepEqual(await ask(sensor), [182_000_000n, 121_000_000n, 31_000_000n, 25_000_000n])
})

test('of two domains of one name none is known to be the socket', async (t) => {
  const { sensor } = server(t, { ...scmiZone('arm-scmi:0', 'soc', '1'), ...scmiZone('arm-scmi:1', 'soc', '2') })
  assert.deepEqual(await rows(sensor), ['package soc (arm-scmi:0) -', 'package soc (arm-scmi:1) -'])
})

test('a domain whose name is late goes by no other name meanwhile', async (t) => {
  const { sensor, zone } = server(t, armServer)
  const hold = await holdReads(zone('arm-scmi:0/name'))
  if (typeof hold === 'string') return t.skip(hold)
  t.after(() => hold.release())
  await assert.rejects(sensor.open(signal), /arm-scmi:0\/name: no answer within 1000 ms/)
  await hold.release()
  assert.equal((await rows(sensor))[0], 'package SOC0 socket-0')
})

test('what firmware does not know is no power', async (t) => {
  const { sensor, zone } = server(t, armServer)
  await sensor.open(signal)
  writeFileSync(zone('arm-scmi:1/power_uw'), '0')
  assert.equal((await ask(sensor))[3], 0n, 'a part may rest')
  writeFileSync(zone('arm-scmi:1/power_uw'), '25000000')
  for (const text of ['4294967295', '4294967295000', '18446744073709551615', '-1', '', 'nan', '0']) {
    writeFileSync(zone('arm-scmi:0/power_uw'), text)
    assert.deepEqual(await ask(sensor), ['SENSOR_CORRUPT', 121_000_000n, 31_000_000n, 25_000_000n], text)
  }
})

test('a zone without a power, and those of RAPL, are not its own', async (t) => {
  const { 'sys/devices/virtual/powercap/arm-scmi/arm-scmi:1/power_uw': _, ...without } = armServer
  const { sensor, context } = server(t, { ...without, 'sys/class/powercap/intel-rapl:0/power_uw': '1\n' })
  assert.equal((await rows(sensor)).length, 3)
  await assert.rejects(rapl.create({ interval: 1_000, interface: 'powercap' }, context).open(signal))
  await assert.rejects(server(t, { 'sys/class/powercap/x': '' }).sensor.open(signal), {
    code: 'SENSOR_ABSENT',
    message: /no zone arm-scmi in .*class\/powercap/,
  })
})

test('a domain that goes by another name is another', async (t) => {
  const { sensor, zone } = server(t, armServer)
  await sensor.open(signal)
  assert.equal(await sensor.changed(), false)
  writeFileSync(zone('arm-scmi:1/name'), 'GPU\n')
  assert.equal(await sensor.changed(), true)
})
