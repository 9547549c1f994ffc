import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChannelAccount } from '../../src/integration/channel-account.ts'
import { HttpError } from '../../src/io/http.ts'
import { type Channel, channelKey } from '../../src/model/channel.ts'
import { SensorError } from '../../src/model/sensor-error.ts'
import { NS_PER_S, UJ_PER_KWH } from '../../src/model/units.ts'
import { HttpHost } from '../../src/sensors/http/host.ts'
import { HttpInput } from '../../src/sensors/http/input.ts'
import { httpSchema } from '../../src/sensors/http/schema.ts'
import { nutSchema } from '../../src/sensors/nut/schema.ts'
import { NutServer } from '../../src/sensors/nut/server.ts'
import { Outlet } from '../../src/sensors/pdu/outlet.ts'
import { PROFILES, type ProfileName } from '../../src/sensors/pdu/profiles.ts'
import { RackPdu } from '../../src/sensors/pdu/rack-pdu.ts'
import type { Remote } from '../../src/sensors/remote-sensor.ts'
import { TestClock } from '../integration/machine.ts'
import fc from '../property.ts'

/*
 * No sentinel, null, stale or reset value makes energy: whatever a device says in place of its numbers, no more is booked
 * than the machine used, and one count.
 */

const POWER_W = 480
const EVERY_S = 10
const WH_UJ = UJ_PER_KWH / 1_000n
const { signal } = new AbortController()

/** What a device has in place of the truth at one look. */
const FAULTS = ['none', 'negative', 'full', 'absent', 'stale', 'silent', 'reset', 'reset and told', 'rebooted'] as const
type Fault = (typeof FAULTS)[number]

/** A device whose energy is known: it tells the truth, or something else. */
class Device {
  readonly clock = new TestClock()
  fault: Fault = 'none'
  stamp = 1_740_000_000
  upS = 100_000
  #usedUj = 987_654n * WH_UJ
  #offsetUj = 0n
  #stale: { readonly watts: number; readonly usedUj: bigint; readonly time: number } | null = null
  trueUj = 0n

  pass(fault: Fault): void {
    // With the time of then: a device that says that it looked anew has looked.
    this.#stale = this.told
    this.clock.advance(BigInt(EVERY_S) * NS_PER_S)
    const usedUj = BigInt(POWER_W * EVERY_S) * 1_000_000n
    this.trueUj += usedUj
    this.#usedUj += usedUj
    this.upS += EVERY_S
    if (fault.startsWith('reset')) this.#offsetUj = this.#usedUj
    if (fault === 'reset and told') this.stamp += 86_400
    if (fault === 'rebooted') this.upS = 5
    this.fault = fault
  }

  get told() {
    const time = Math.floor(this.clock.unixMs() / 1_000)
    if (this.fault === 'stale' && this.#stale !== null) return this.#stale
    if (this.fault === 'rebooted') return { watts: 0, usedUj: 0n, time }
    return { watts: POWER_W, usedUj: this.#usedUj - this.#offsetUj, time }
  }

  /** As an SNMP or JSON number; null for none. */
  number(truth: bigint): bigint | null {
    if (this.fault === 'negative') return -1n
    if (this.fault === 'full') return 2n ** 32n - 1n
    return this.fault === 'absent' ? null : truth
  }
}

function pduOf(name: ProfileName): (device: Device) => Remote {
  const profile = PROFILES[name]
  const numbers = profile.numbers.map(() => '1').join('.')
  return (device) => {
    const settings = { name, numbers, intervalMs: EVERY_S * 1_000, isOnly: true, startedText: 'now ' }
    const oids = (text: string) => text.replace('#', numbers)
    const get = async (wanted: readonly string[]) => {
      if (device.fault === 'silent') throw new SensorError('SENSOR_TIMEOUT', 'no answer')
      const { watts, usedUj } = device.told
      return wanted.map((oid) => {
        if (oid === '1.3.6.1.2.1.1.3.0') return BigInt(device.upS) * 100n
        if (oid === oids(profile.power)) return device.number(BigInt(watts))
        if (profile.energy !== null && oid === oids(profile.energy.oid))
          return device.number(usedUj / profile.energy.unitUj)
        return 'reset' in profile && oid === oids(profile.reset) ? String(device.stamp) : 0n
      })
    }
    const client = { get, close: () => {} }
    return new RackPdu(name, { outlets: [new Outlet(settings)], profile, client, clock: device.clock })
  }
}

function httpOf(value: 'watts' | 'kwh'): (device: Device) => Remote {
  return (device) => {
    const input = { url: 'http://plug/', value, unit: value === 'watts' ? 'W' : 'kWh', scope: 'ac_in', device: 'plug' }
    const { inputs } = httpSchema.parse({ inputs: [{ ...input, time: 'time', max_age: '15s' }] })
    const get = async () => {
      if (device.fault === 'silent') throw new HttpError('plug: no answer within 5 s')
      const { watts, usedUj, time } = device.told
      const shown = device.number(value === 'watts' ? BigInt(watts) : usedUj / WH_UJ)
      const text =
        shown === null
          ? 'null'
          : value === 'watts'
            ? String(shown)
            : `${shown / 1_000n}.${String(shown % 1_000n).padStart(3, '0')}`
      return `{"time":${time},"${value}":${shown !== null && shown < 0n ? -1 : text}}`
    }
    const all = inputs.map((one) => new HttpInput(one, true, device.clock))
    return new HttpHost('plug', { inputs: all, get, intervalMs: EVERY_S * 1_000, clock: device.clock })
  }
}

function nutOf(device: Device): Remote {
  const { inputs } = nutSchema.parse({ inputs: [{ ups: 'rack', scope: 'ac_in', device: 'ups' }] })
  const ask = async () => {
    if (device.fault === 'silent') throw new SensorError('SENSOR_TIMEOUT', 'no answer')
    if (device.fault === 'stale') return 'ERR DATA-STALE'
    const watts = device.number(BigInt(device.told.watts))
    return `VAR rack ups.realpower "${watts ?? ''}"`
  }
  const all = inputs.map((settings) => ({ settings, isMeter: true }))
  const connection = { ask, close: () => {} }
  return new NutServer('here', { inputs: all, connection, intervalMs: EVERY_S * 1_000, clock: device.clock })
}

const REMOTES: Readonly<Record<string, (device: Device) => Remote>> = {
  ...Object.fromEntries((Object.keys(PROFILES) as ProfileName[]).map((name) => [`pdu ${name}`, pduOf(name)])),
  'http power': httpOf('watts'),
  'http energy': httpOf('kwh'),
  nut: nutOf,
}

/** Energy of one count, which is found at any place within it. */
function countUj(channel: Channel, name: string): bigint {
  if (name.startsWith('pdu ')) return WH_UJ
  return channel.kind === 'power' ? 0n : channel.unitUj.numerator / channel.unitUj.denominator + 1n
}

async function booked(create: (device: Device) => Remote, name: string, faults: readonly Fault[]) {
  const device = new Device()
  const remote = create(device)
  await remote.find(signal)
  const [channel] = remote.channels()
  assert.ok(channel)
  const account = new ChannelAccount(channel, null)
  const look = async (): Promise<void> => {
    const [reading] = await remote.read(false, signal).catch((error: unknown) => {
      if (error instanceof SensorError) return [null]
      throw error
    })
    if (reading != null) account.accept(reading)
    account.expire(device.clock.monotonicNs())
  }
  await look()
  for (const fault of faults) {
    device.pass(fault)
    await look()
    if (!remote.isOutdated) continue
    await remote.find(signal).catch(() => {})
    const [other] = remote.channels()
    assert.ok(other && channelKey(other) === channelKey(channel))
    account.redefine(other)
  }
  return { bookedUj: account.state.energyUj, trueUj: device.trueUj, countUj: countUj(channel, name) }
}

/** Two zeros in a row are a counter that was set back, and no device shows by anything else that it has only begun anew. */
const faults = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constant('none' as const) }, fc.constantFrom(...FAULTS)), {
    minLength: 5,
    maxLength: 120,
  })
  .map((all) => all.map((fault, n) => (all[n - 1] === 'rebooted' ? 'none' : fault)))

for (const [name, create] of Object.entries(REMOTES)) {
  test(`${name}: what is no number makes no energy`, async () => {
    await fc.assert(
      fc.asyncProperty(faults, async (some) => {
        const { bookedUj, trueUj, countUj } = await booked(create, name, some)
        assert.ok(bookedUj <= trueUj + countUj, `${bookedUj} of ${trueUj} µJ`)
      }),
    )
    const whole = await booked(create, name, new Array<Fault>(120).fill('none'))
    assert.ok(
      whole.bookedUj >= (whole.trueUj * 95n) / 100n,
      `${name} books what was used: ${whole.bookedUj} of ${whole.trueUj}`,
    )
  })
}
