import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type BoundChannel, PolledSensor } from '../../../src/native/polled-sensor.ts'
import { channelsOf } from '../../../src/sensors/hwmon/channel.ts'

const { EPERM, EIO, ENOENT } = constants.errno
const { signal } = new AbortController()

/** The channel of a card, and how its power state is set. */
function card(t: TestContext, name = 'amdgpu') {
  const path = mkdtempSync(join(tmpdir(), 'wattledger-'))
  t.after(() => rmSync(path, { recursive: true }))
  mkdirSync(join(path, 'device'))
  const files = new Map([['power1_average', join(path, 'power1_average')]])
  const chips = channelsOf([{ name, path, address: '0000:03:00.0', driver: name, files, texts: new Map() }], 1000)
  const bound = chips[0]?.bound[0] as BoundChannel
  return { bound, setState: (state: string) => writeFileSync(join(path, 'device/power_state'), `${state}\n`) }
}

async function refusal({ interpretFailure }: BoundChannel, expected: unknown): Promise<void> {
  while (JSON.stringify(answer(interpretFailure)) !== JSON.stringify(expected)) await setImmediate()
}

function answer(interpretFailure: BoundChannel['interpretFailure']): unknown {
  const value = interpretFailure?.(EPERM) ?? null
  return value !== null && 'powerUw' in value ? { powerUw: Number(value.powerUw) } : value
}

test('a card in D3cold draws 0 W', async (t) => {
  const { bound, setState } = card(t)
  setState('D3cold')
  assert.deepEqual(bound.interpretFailure?.(EPERM), { unavailable: 'the card sleeps or is being reset' })
  await refusal(bound, { powerUw: 0 })
  setState('D3hot')
  await refusal(bound, { unavailable: 'the card sleeps or is being reset, in D3hot' })
})

test('of a card that was awake in between nothing is known at first', async (t) => {
  const { bound, setState } = card(t)
  setState('D3cold')
  await refusal(bound, { powerUw: 0 })
  assert.deepEqual(bound.interpret(31_000_000n), { powerUw: 31_000_000n })
  assert.deepEqual(bound.interpretFailure?.(EPERM), { unavailable: 'the card sleeps or is being reset' })
})

test('a card without a power state is a failure that passes', async (t) => {
  const { bound } = card(t)
  for (let times = 0; times < 3; times++) {
    assert.deepEqual(bound.interpretFailure?.(EPERM), { unavailable: 'the card sleeps or is being reset' })
    await setImmediate()
  }
})

test('other failures and other drivers mean what they say', (t) => {
  assert.equal(card(t).bound.interpretFailure?.(EIO), null)
  assert.equal(card(t, 'nouveau').bound.interpretFailure, undefined)
})

test('what a failure means takes the place of its code', async (t) => {
  const channel = card(t).bound.channel
  const meanings: [BoundChannel['interpretFailure'], RegExp][] = [
    [(errno) => (errno === ENOENT ? { powerUw: 0n } : null), /^power 0/],
    [() => ({ unavailable: 'asleep' }), /^SENSOR_TRANSIENT asleep/],
    [() => null, /^SENSOR_ABSENT detail/],
  ]
  for (const [interpretFailure, expected] of meanings) {
    const bound = [{ channel, interpret: () => ({ powerUw: 1n }), ...(interpretFailure && { interpretFailure }) }]
    const reader = { type: 'files', paths: ['/nowhere'] } as const
    const plan = { reader, intervalMs: 600_000, deadlineMs: 10_000, openTimeoutMs: 10_000, bind: () => bound }
    const sensor = new PolledSensor('hwmon', async () => [plan])
    t.after(() => sensor.close())
    await sensor.open(signal)
    const [reading] = (await sensor.readNow(signal))[0]?.readings ?? []
    assert.ok(reading)
    const words = reading.status === 'failed' ? `${reading.code} ${reading.message}` : `${reading.status} 0`
    assert.match(words, expected)
  }
})
