/** The IPMI sensor against OpenIPMI's simulator, with ipmitool as the independent reader beside it. */
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Channel } from '../../../src/model/channel.ts'
import type { Sensor } from '../../../src/model/sensor.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { ipmi } from '../../../src/sensors/ipmi/ipmi.ts'
import { type Bmc, labIsMissing, startBmc } from '../../lab/bmc.ts'
import { type LabMachine, sensorCommands, TWO_SUPPLIES } from '../../lab/machine.ts'
import { sdrRecord } from './sdr-record.ts'

const { signal } = new AbortController()
const QUIET_MS = 600_000
const PATIENT_MS = 5_000

async function setUp(t: TestContext, machine?: LabMachine): Promise<Bmc> {
  const bmc = await startBmc(machine)
  t.after(() => bmc[Symbol.asyncDispose]())
  return bmc
}

async function open(t: TestContext, bmc: Bmc, options: { interval?: number; deadline?: number } = {}) {
  const context = { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock: systemClock }
  const sensor = ipmi.create({ device: bmc.vmUrl, interval: QUIET_MS, deadline: PATIENT_MS, ...options }, context)
  t.after(() => sensor.close())
  return { sensor, channels: await sensor.open(signal) }
}

/** Watts, counts or error codes of one sweep, by device. */
async function values(sensor: Sensor, channels: readonly Channel[]): Promise<Record<string, number | string>> {
  const [sweep] = await sensor.readNow(signal)
  const entries = channels.map(({ device }, index) => {
    const reading = sweep?.readings[index]
    if (reading?.status === 'power') return [device, Number(reading.powerUw) / 1e6]
    return [device, reading?.status === 'counter' ? Number(reading.count) : (reading?.code ?? 'nothing')]
  })
  return Object.fromEntries(entries)
}

async function until(t: TestContext, condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(10, undefined, { signal: t.signal })
}

describe('a BMC by ipmi_sim', { skip: labIsMissing() }, () => {
  test('ipmitool reads the same: DCMI, supplies, watt-hours', async (t) => {
    const bmc = await setUp(t)
    bmc.set({ watts: 321, dell_wh: 4_321_000 })
    const { sensor, channels } = await open(t, bmc)
    const read = await values(sensor, channels)
    assert.deepEqual(read, { bmc: 321, 'PS1 Input Power': 120, 'PS2 Input Power': 112, 'bmc-energy': 4_321_000 })
    assert.match(await bmc.ipmitool('dcmi', 'power', 'reading'), /Instantaneous power reading: +321 Watts/)
    const records = await bmc.ipmitool('sdr')
    assert.match(records, /PS1 Input Power +\| 120 Watts/)
    assert.match(records, /PS2 Input Power +\| 112 Watts/)
    assert.match(await bmc.ipmitool('raw', '0x30', '0x9c', '7', '1'), /^ [\da-f ]{12}e8 ee 41 00/)
    assert.match(await bmc.ipmitool('delloem', 'powermonitor'), /Reading +: 4321\.0 kWh/)
  })

  test('what changes while it runs is read', async (t) => {
    const bmc = await setUp(t)
    const { sensor, channels } = await open(t, bmc)
    for (const watts of [1, 250, 0xa0, 0xa1aa, 65534]) {
      bmc.set({ watts, dell_wh: watts * 1000 })
      await bmc.setSensor(2, watts & 0xff)
      const read = await values(sensor, channels)
      assert.equal(read.bmc, watts)
      assert.equal(read['bmc-energy'], watts * 1000)
      assert.equal(read['PS1 Input Power'], (watts & 0xff) * 4)
    }
    bmc.set({ watts: 0 })
    assert.equal((await values(sensor, channels)).bmc, 'SENSOR_CORRUPT')
  })

  test('without DCMI the total is that of the records', async (t) => {
    const bmc = await setUp(t)
    bmc.set({ dcmi: 0 })
    const { sensor, channels } = await open(t, bmc)
    assert.equal(channels[0]?.nodeMeter, 'sdr')
    assert.equal((await values(sensor, channels)).bmc, 230)
    assert.match(await bmc.ipmitool('sdr'), /Pwr Consumption +\| 230 Watts/)
  })

  test("Lenovo's energy of the node", async (t) => {
    const bmc = await setUp(t, { ...TWO_SUPPLIES, manufacturer: 19046 })
    bmc.set({ lenovo_mj: 1_234_567_890 })
    const { sensor, channels } = await open(t, bmc)
    assert.equal((await values(sensor, channels))['bmc-energy'], 1_234_567_890)
  })

  test('an answer behind the deadline is a time-out and never a number', async (t) => {
    const bmc = await setUp(t)
    bmc.set({ watts: 100 })
    const { sensor, channels } = await open(t, bmc, { deadline: 300 })
    await values(sensor, channels)
    // 777 W is what the late answer says; when it arrives the BMC is at 200 W.
    bmc.set({ watts: 777, delay_ms: 600 })
    assert.equal((await values(sensor, channels)).bmc, 'SENSOR_TIMEOUT')
    bmc.set({ watts: 200, delay_ms: 0 })
    const seen = new Set<number | string>()
    await until(t, async () => {
      seen.add((await values(sensor, channels)).bmc ?? 'nothing')
      return seen.has(200)
    })
    assert.deepEqual([...seen], ['SENSOR_TIMEOUT', 200])
  })

  test('rubbish and stale answers on the line are passed over', async (t) => {
    const bmc = await setUp(t)
    bmc.set({ watts: 150, noise: 1 })
    const { sensor, channels } = await open(t, bmc)
    for (let times = 0; times < 20; times++) assert.equal((await values(sensor, channels)).bmc, 150)
  })

  test('a silent BMC, and one that answers with codes or too little', async (t) => {
    const bmc = await setUp(t)
    const { sensor, channels } = await open(t, bmc, { deadline: 2_000 })
    for (const [settings, code] of [
      [{ completion: 0xc0 }, 'SENSOR_TRANSIENT'],
      [{ completion: 0xd2 }, 'SENSOR_TRANSIENT'],
      [{ completion: 0xc1 }, 'SENSOR_ABSENT'],
      [{ completion: 0, length: 7 }, 'SENSOR_CORRUPT'],
      [{ length: 19, silent: 1 }, 'SENSOR_TIMEOUT'],
    ] as const) {
      bmc.set(settings)
      assert.equal((await values(sensor, channels)).bmc, code)
    }
    bmc.set({ silent: 0 })
    await until(t, async () => (await values(sensor, channels)).bmc === 250)
  })

  test('a BMC that is gone and comes back is found by itself', async (t) => {
    const bmc = await setUp(t)
    const { sensor, channels } = await open(t, bmc)
    for (const end of [() => bmc.stop(), () => bmc.kill()]) {
      await end()
      assert.equal((await values(sensor, channels)).bmc, 'SENSOR_TRANSIENT')
      assert.equal((await values(sensor, channels)).bmc, 'SENSOR_TRANSIENT')
      bmc.set({ watts: 180 })
      await bmc.restart()
      await until(t, async () => (await values(sensor, channels)).bmc === 180)
    }
  })

  test('a supply that is added is noticed, and its records are read', async (t) => {
    const bmc = await setUp(t)
    const { sensor } = await open(t, bmc, { interval: 20 })
    assert.equal(await sensor.changed(), false)
    const record = sdrRecord({ id: 0, number: 9, m: 4, name: 'PS3 Input Power' })
    const bytes = [...record].map((byte) => `0x${byte.toString(16)}`).join(' ')
    await bmc.command(...sensorCommands({ number: 9, raw: 20 }), `main_sdr_add 0x20 ${bytes}`)
    await until(t, () => sensor.changed())
    const channels = await sensor.open(signal)
    assert.equal((await values(sensor, channels))['PS3 Input Power'], 80)
    assert.match(await bmc.ipmitool('sdr'), /PS3 Input Power +\| 80 Watts/)
  })

  test('a supply that is not plugged in', async (t) => {
    const sensors = TWO_SUPPLIES.sensors.map((one) => (one.number === 3 ? { ...one, raw: null } : one))
    const bmc = await setUp(t, { ...TWO_SUPPLIES, sensors })
    const { sensor, channels } = await open(t, bmc, { interval: 20 })
    assert.deepEqual(
      channels.filter(({ scope }) => scope === 'psu').map(({ device }) => device),
      ['PS1 Input Power'],
    )
    await bmc.command(...sensorCommands({ number: 3, raw: 28 }))
    await until(t, () => sensor.changed())
    assert.equal((await sensor.open(signal)).filter(({ scope }) => scope === 'psu').length, 2)
  })
})
