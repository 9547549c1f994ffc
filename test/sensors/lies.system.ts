import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type * as z from 'zod'
import { ChannelAccount } from '../../src/integration/channel-account.ts'
import { channelKey } from '../../src/model/channel.ts'
import type { Reading } from '../../src/model/reading.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { systemClock } from '../../src/native/system-clock.ts'
import { createSensors, SENSORS } from '../../src/sensors/registry.ts'
import { sensorSections } from '../../src/sensors/sections.ts'
import type { SensorType, Switch } from '../../src/sensors/sensor-type.ts'
import { LIARS, type Liar } from './liars.ts'

/*
 * No sentinel, null, stale or reset value makes energy, whichever sensor reads it.
 */

const { signal } = new AbortController()
const types: readonly SensorType[] = SENSORS
const sections: Readonly<Record<string, z.ZodType<Switch>>> = sensorSections
/** `false-values.test.ts` lies to them, behind their protocols. */
const OVER_A_NETWORK = ['pdu', 'http', 'nut']

/** Seconds of truth before the first lie and after each. */
const TRUE_S = 8

interface Window {
  readonly which: string
  /** What was read of the lie. */
  readonly lied: readonly Reading[]
  /** What each channel made of its time and of the truth that followed. */
  readonly energiesUj: readonly bigint[]
}

/** Shows the truth, and each lie for so many readings, a second apart. */
async function windows(t: TestContext, type: SensorType, liar: Liar, lies: readonly string[], readings: number) {
  const { root, keys, ...meters } = await liar.place(t)
  const below = (folder: string): string => join(root, folder)
  const context = { sysfs: below('sys'), procfs: below('proc'), devfs: below('dev'), clock: systemClock }
  const settings = { [type.name]: sections[type.name]?.parse({ ...keys, enabled: true }) as Switch }
  const [made] = await createSensors(settings, context, [type])
  assert.ok(made)
  t.after(() => made.sensor.close())
  const channels = await made.sensor.open(signal)
  const accounts = channels.map((channel) => new ChannelAccount({ ...channel, intervalNs: NS_PER_S }, null))
  let s = 0
  const pass = async (show: () => void): Promise<readonly Reading[]> => {
    show()
    const sweeps = await made.sensor.readNow(signal)
    for (const { first, readings: some } of sweeps)
      for (const [at, reading] of some.entries()) accounts[first + at]?.accept(atSecond(reading, s))
    for (const account of accounts) account.expire(BigInt(s) * NS_PER_S)
    s += 1
    return sweeps.flatMap((sweep) => sweep.readings)
  }
  const totals = (): bigint[] => accounts.map(({ state }) => state.energyUj)
  const truth = async (): Promise<void> => {
    for (let second = 0; second < TRUE_S; second++) await pass(() => meters.tell(s))
  }
  const windowOf = async (which: string, count: number): Promise<Window> => {
    const beforeUj = totals()
    const lied: Reading[] = []
    for (let reading = 0; reading < count; reading++) lied.push(...(await pass(() => meters.lie(which))))
    await truth()
    return { which, lied, energiesUj: totals().map((totalUj, at) => totalUj - (beforeUj[at] ?? 0n)) }
  }
  await truth()
  const { energiesUj: toldUj } = await windowOf('', 0)
  const all: Window[] = []
  for (const which of lies) all.push(await windowOf(which, readings))
  return { keys: channels.map(channelKey), toldUj, windows: all }
}

/** The readings of a test are milliseconds apart. */
function atSecond(reading: Reading, s: number): Reading {
  const ns = BigInt(s) * NS_PER_S
  return { ...reading, beforeNs: ns, afterNs: ns }
}

test('every sensor of this machine has lies', () => {
  const names = types.filter(({ name }) => !OVER_A_NETWORK.includes(name))
  assert.deepEqual(names.map(({ name }) => name).sort(), Object.keys(LIARS).sort())
})

for (const [name, liar] of Object.entries(LIARS)) {
  const type = types.find((one) => one.name === name) as SensorType

  describe(`lies to ${name}`, () => {
    for (const readings of [1, 4]) {
      test(`for ${readings} readings make no energy`, async (t) => {
        const lies = [...liar.impossible, ...liar.misleading]
        const { keys, toldUj, windows: all } = await windows(t, type, liar, lies, readings)
        assert.ok(toldUj.some((energyUj) => energyUj > 0n))
        // A step that nothing has confirmed yet may be booked too.
        const mostUj = toldUj.map((energyUj) => (energyUj * BigInt(readings + TRUE_S + 1)) / BigInt(TRUE_S))
        for (const { which, energiesUj } of all) {
          for (const [at, key] of keys.entries()) {
            const [energyUj = 0n, limitUj = 0n] = [energiesUj[at], mostUj[at]]
            assert.ok(energyUj <= limitUj, `${JSON.stringify(which)}: ${energyUj} µJ of ${key}, above ${limitUj}`)
          }
        }
        for (const { which, lied } of all.filter((one) => liar.impossible.includes(one.which))) {
          assert.ok(lied.length > 0)
          for (const { status } of lied) assert.equal(status, 'failed', `${JSON.stringify(which)} became ${status}`)
        }
      })
    }
  })
}
