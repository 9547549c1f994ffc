import assert from 'node:assert/strict'
import { globSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type * as z from 'zod'
import { type Channel, channelKey, type Scope } from '../../src/model/channel.ts'
import type { Reading, Sweep } from '../../src/model/reading.ts'
import type { Sensor } from '../../src/model/sensor.ts'
import { SensorError } from '../../src/model/sensor-error.ts'
import { systemClock } from '../../src/native/system-clock.ts'
import { createSensors, SENSORS, sensorVariants } from '../../src/sensors/registry.ts'
import { sensorSections } from '../../src/sensors/sections.ts'
import type { SensorType, Switch } from '../../src/sensors/sensor-type.ts'
import { bare } from '../evidence/bare.ts'
import { genoa, HsmpMachine } from '../fixtures/hsmp.ts'
import { mi250x } from '../fixtures/machines/amdgpu.ts'
import { Blade, crayEx } from '../fixtures/machines/cray.ts'
import { metered, meteredInputs } from '../fixtures/machines/file.ts'
import { graceHopper } from '../fixtures/machines/hwmon.ts'
import { type Machine, writeMachine } from '../fixtures/machines/machine.ts'
import { xeon2s } from '../fixtures/machines/rapl.ts'
import { armServer } from '../fixtures/machines/scmi.ts'
import { NvmlMachine } from '../fixtures/nvml/machine.ts'
import { Bmc } from '../fixtures/redfish/bmc.ts'
import { dial, idrac10 } from '../fixtures/redfish/trees.ts'
import { Device } from './http/device.ts'
import { setUp } from './ipmi/machine.ts'
import { Upsd } from './nut/upsd.ts'
import { Rack } from './pdu/rack.ts'

/*
 * What `Sensor` promises, for every entry of the registry. A new sensor needs a fixture here and nothing else.
 */

const { signal } = new AbortController()

/** A machine that has what the sensor reads. */
interface Place {
  readonly root: string
  /** The sensor's section of the configuration there. */
  readonly keys: object
  /** Takes the hardware away while it is read. */
  lose(): unknown
}

interface Fixture {
  place(t: TestContext): Promise<Place>
  /** The section on a machine that has nothing, whose root is this. */
  readonly keysOfNone?: (root: string) => object
}

const FIXTURES: Readonly<Record<string, Fixture>> = {
  rapl: ofFiles(xeon2s, 'sys/devices/virtual/powercap/**/energy_uj'),
  nvml: {
    async place(t) {
      const machine = await NvmlMachine.create({ control: ['gpus 2'] })
      t.after(() => machine[Symbol.dispose]())
      const { directory, library } = machine
      return { root: directory, keys: { library }, lose: () => machine.control('gpus 2', 'gpu * lost') }
    },
    keysOfNone: (root) => ({ library: join(root, 'libnvidia-ml.so.1') }),
  },
  amdgpu: ofFiles(mi250x, 'sys/devices/**/gpu_metrics'),
  hsmp: {
    async place(t) {
      const machine = await HsmpMachine.create(genoa)
      t.after(() => machine[Symbol.asyncDispose]())
      const { directory: root, device } = machine
      return { root, keys: { device }, lose: () => (machine.firmware = []) }
    },
    keysOfNone: (root) => ({ device: `unix:${root}/hsmp.sock` }),
  },
  ipmi: {
    async place(t) {
      const bmc = await setUp(t)
      return { root: rootOf(t), keys: { device: bmc.url, deadline: '1s' }, lose: () => bmc.vanish() }
    },
    keysOfNone: (root) => ({ device: join(root, 'ipmi0') }),
  },
  cray: {
    async place(t) {
      const place = await ofFiles(crayEx, 'sys/cray/pm_counters/*').place(t)
      const blade = new Blade(place.root)
      t.after(() => blade[Symbol.dispose]())
      const lose = (): void => {
        blade[Symbol.dispose]()
        place.lose()
      }
      return { ...place, lose }
    },
  },
  hwmon: ofFiles(graceHopper, 'sys/devices/**/{power,energy}*_{average,input}'),
  scmi: ofFiles(armServer, 'sys/devices/**/power_uw'),
  file: ofFiles(metered, 'run/*/*', (root) => ({ inputs: meteredInputs(root) })),
  http: {
    async place(t) {
      const device = await Device.start(t)
      const url = `${device.url}/rpc/Switch.GetStatus?id=0`
      const inputs = [
        { url, value: 'apower', unit: 'W', scope: 'ac_in', device: 'plug' },
        { url, value: 'aenergy.total', unit: 'Wh', scope: 'other', device: 'plug' },
      ]
      return { root: rootOf(t), keys: { inputs }, lose: () => device.vanish() }
    },
  },
  nut: {
    async place(t) {
      const upsd = await Upsd.start(t)
      const inputs = [{ server: upsd.server, ups: 'rack', scope: 'ac_in', device: 'ups' }]
      return { root: rootOf(t), keys: { inputs }, lose: () => upsd.vanish() }
    },
  },
  pdu: {
    async place(t) {
      const [a, b] = [await Rack.start(t), await Rack.start(t)]
      a.say('sentry4', '1.1.1', 150, 160, 88_001)
      b.say('apc outlets', '12', 148, 4_321)
      b.say('apc device', '1', '03/01/2025 11:02:33')
      const devices = [
        { address: a.address, profile: 'sentry4', outlets: ['1.1.1'] },
        { address: b.address, profile: 'apc', outlets: ['12'] },
      ]
      const lose = (): void => {
        for (const rack of [a, b]) rack.vanish()
      }
      return { root: rootOf(t), keys: { devices, deadline: '1s' }, lose }
    },
  },
  redfish: {
    async place(t) {
      const its = dial()
      const bmc = await Bmc.start(idrac10(its))
      t.after(() => bmc[Symbol.asyncDispose]())
      // Each answer is of another second.
      bmc.fault = () => {
        its.time = new Date(Date.parse(its.time) + 1_000).toISOString()
        return false
      }
      return { root: rootOf(t), keys: bmc.keys, lose: () => bmc.stop() }
    },
  },
  estimate: {
    async place(t) {
      const place = await ofFiles({ ...xeon2s, ...bare }, 'proc/stat').place(t)
      let ticks = 100_000
      const life = setInterval(() => {
        ticks += 1
        writeFileSync(join(place.root, 'proc/stat'), `cpu  ${ticks} 0 0 ${ticks} 0 0 0 0 0 0\ncpu0 0 0 0 0\n`, {
          flag: 'r+',
        })
      }, 10)
      t.after(() => clearInterval(life))
      const lose = (): void => {
        clearInterval(life)
        place.lose()
      }
      return { ...place, lose }
    },
  },
}

/** Keeps its descriptors' files and empties them, for what the kernel takes away no longer answers. */
function ofFiles(machine: Machine, files: string, keysOf: (root: string) => object = () => ({})): Fixture {
  return {
    async place(t) {
      const root = rootOf(t)
      writeMachine(root, machine)
      const lose = (): void => {
        for (const file of globSync(files, { cwd: root })) truncateSync(join(root, file))
      }
      return { root, keys: keysOf(root), lose }
    },
    keysOfNone: keysOf,
  }
}

function rootOf(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-contract-'))
  t.after(() => rmSync(root, { recursive: true }))
  return root
}

/** The one sensor of a type, from its section on, as the daemon makes it. */
async function sensorOf(t: TestContext, type: SensorType, root: string, keys: object): Promise<Sensor> {
  const below = (folder: string): string => join(root, folder)
  const context = { sysfs: below('sys'), procfs: below('proc'), devfs: below('dev'), clock: systemClock }
  const settings = { [type.name]: sections[type.name]?.parse({ ...keys, enabled: true }) as Switch }
  const [made, ...others] = await createSensors(settings, context, [type])
  assert.ok(made?.required && others.length === 0)
  t.after(() => made.sensor.close())
  return made.sensor
}

/** What is asked for now, by channel; a channel that says nothing is missing. */
async function ask(sensor: Sensor): Promise<Reading[]> {
  return inOrder(await sensor.readNow(signal))
}

function inOrder(sweeps: readonly Sweep[]): Reading[] {
  const readings: Reading[] = []
  for (const { first, readings: some } of sweeps) for (const [at, one] of some.entries()) readings[first + at] = one
  return readings
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  )
}

/** Nothing is delivered, neither by itself nor when somebody asks. */
async function assertSilent(sensor: Sensor): Promise<void> {
  assert.deepEqual(sensor.drain(), [])
  const asked = await sensor.readNow(signal).catch((error: SensorError) => error.code)
  assert.ok(asked === 'SENSOR_CLOSED' || (Array.isArray(asked) && asked.length === 0), String(asked))
}

const WHOLE: readonly Scope[] = ['ac_in', 'psu', 'dc_node', 'psys']
const LEAVES: readonly Scope[] = ['package', 'dram', 'gpu', 'module']

function assertWellFormed(sensor: string, channel: Channel): void {
  const { scope, device, nodeMeter, hardware, facts, relativeUncertainty } = channel
  const name = channelKey(channel)
  assert.equal(channel.sensor, sensor)
  assert.match(device, /^[^\p{Cc}]{1,200}$/u)
  assert.ok(channel.intervalNs > 0n && channel.maxPowerUw > 0n, name)
  assert.ok(relativeUncertainty > 0 && relativeUncertainty < 1, name)
  assert.ok(nodeMeter === null || (WHOLE.includes(scope) && hardware === null), `${name} is no meter of the whole`)
  assert.ok(hardware === null || LEAVES.includes(scope), `${name} is no leaf`)
  if (LEAVES.includes(scope)) assert.notEqual(hardware, '', name)
  for (const [fact, text] of Object.entries(facts))
    assert.ok(typeof text === 'string' && text !== '', `${name}: ${fact}`)
  if (channel.kind !== 'counter') return
  assert.ok(channel.unitUj.numerator > 0n && channel.unitUj.denominator > 0n, name)
  assert.ok(channel.modulus === null || channel.modulus > 0n, name)
}

const types: readonly SensorType[] = SENSORS
const sections: Readonly<Record<string, z.ZodType<Switch>>> = sensorSections

test('every sensor has a fixture machine and documented keys whose defaults are valid', () => {
  assert.deepEqual(
    types.map(({ name }) => name),
    Object.keys(FIXTURES),
  )
  assert.equal(new Set(types.map(({ name }) => name)).size, types.length)
  assert.deepEqual(
    Object.keys(sections),
    types.map(({ name }) => name),
  )
  for (const [name, schema] of Object.entries(sections)) {
    assert.match(name, /^[a-z][a-z0-9_]{1,20}$/)
    assert.match(schema.meta()?.description ?? '', /\.$/, name)
    const preset = schema.parse({}).enabled
    assert.ok(preset === 'auto' || preset === false, name)
    assert.equal(schema.safeParse({ enabled: 'yes' }).success, false, name)
  }
})

test('what is switched off is not made, and doctor tries it all the same', async (t) => {
  const root = rootOf(t)
  const context = { sysfs: root, procfs: root, devfs: root, clock: systemClock }
  const off = Object.fromEntries(
    Object.entries(sections).map(([name, section]) => [name, section.parse({ enabled: false })]),
  )
  assert.deepEqual(await createSensors(off, context), [])
  const tried = (await sensorVariants(off, context)).map(({ sensor }) => sensor.name)
  assert.deepEqual([...new Set(tried)], Object.keys(FIXTURES))
})

for (const type of types) {
  const fixture = FIXTURES[type.name] as Fixture
  const open = async (t: TestContext) => {
    const { root, keys, lose } = await fixture.place(t)
    const sensor = await sensorOf(t, type, root, keys)
    return { sensor, lose, channels: await sensor.open(signal) }
  }

  describe(`the contract of ${type.name}`, () => {
    test('its channels are well-formed and each is read when somebody asks', async (t) => {
      const { sensor, channels } = await open(t)
      assert.equal(sensor.name, type.name)
      assert.ok(channels.length > 0)
      for (const channel of channels) assertWellFormed(type.name, channel)
      assert.equal(new Set(channels.map(channelKey)).size, channels.length)
      const askedNs = systemClock.monotonicNs()
      const readings = await ask(sensor)
      assert.equal(readings.length, channels.length)
      for (const [at, channel] of channels.entries()) {
        const reading = readings[at]
        assert.equal(reading?.status, channel.kind, channelKey(channel))
        assert.ok(reading && askedNs <= reading.beforeNs && reading.beforeNs <= reading.afterNs)
      }
      const drained = inOrder(sensor.drain())
      assert.equal(drained.length, channels.length, 'drain delivers them too')
      assert.equal(await sensor.changed(), false)
    })

    test('opened anew it finds the same', async (t) => {
      const { sensor, channels } = await open(t)
      assert.deepEqual(await sensor.open(signal), channels)
    })

    test('a machine without its hardware is SENSOR_ABSENT, and can be asked again', async (t) => {
      const root = rootOf(t)
      const sensor = await sensorOf(t, type, root, fixture.keysOfNone?.(root) ?? {})
      for (let round = 0; round < 2; round++) {
        const error = await failure(sensor.open(signal))
        assert.ok(error instanceof SensorError, String(error))
        assert.equal(error.code, 'SENSOR_ABSENT')
        assert.notEqual(error.message, '')
        await assertSilent(sensor)
      }
    })

    test('it can be closed before it is open and twice, and is silent then', async (t) => {
      const { root, keys } = await fixture.place(t)
      const sensor = await sensorOf(t, type, root, keys)
      await assertSilent(sensor)
      await sensor.close()
      await sensor.open(signal)
      await sensor.readNow(signal)
      await sensor.close()
      await assertSilent(sensor)
      await sensor.close()
      assert.ok((await sensor.open(signal)).length > 0)
    })

    test('an abort ends its opening, and it opens when it is asked again', async (t) => {
      const { root, keys } = await fixture.place(t)
      const sensor = await sensorOf(t, type, root, keys)
      assert.notEqual(await failure(sensor.open(AbortSignal.abort())), null)
      const abort = new AbortController()
      const opening = failure(sensor.open(abort.signal))
      abort.abort()
      await opening
      await sensor.close()
      await assertSilent(sensor)
      assert.ok((await sensor.open(signal)).length > 0)
    })

    test('hardware that is lost is a failed reading with a code, and no number', async (t) => {
      const { sensor, channels, lose } = await open(t)
      await ask(sensor)
      sensor.drain()
      await lose()
      const readings = await ask(sensor)
      assert.equal(readings.length, channels.length)
      for (const reading of readings) {
        assert.equal(reading.status, 'failed')
        assert.match(reading.status === 'failed' ? reading.code : '', /^SENSOR_/)
      }
    })
  })
}
