import assert from 'node:assert/strict'
import { AnswerError, type Json } from '../../../src/io/answer.ts'
import { HttpError } from '../../../src/io/http.ts'
import { channelKey } from '../../../src/model/channel.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { NS_PER_S } from '../../../src/model/units.ts'
import { metersOf } from '../../../src/sensors/redfish/meter.ts'
import { partsTold } from '../../../src/sensors/redfish/parts.ts'
import { readLogs } from '../../../src/sensors/redfish/power-log.ts'
import { parseResource } from '../../../src/sensors/redfish/resource.ts'
import { type Survey, survey } from '../../../src/sensors/redfish/survey.ts'
import { TestClock } from '../../integration/machine.ts'
import type { FuzzTarget } from '../target.ts'

const MOST_REQUESTS = 400
const clock = new TestClock()
const stamp = { beforeNs: 1n, afterNs: 2n }

/** A controller of these lines, each the path of a resource, a blank and its body. It answers again and again. */
function controller(input: Buffer) {
  const lines = input.toString('utf8').split('\n')
  const bodies = new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]))
  let requests = 0
  const get = async (path: string): Promise<Json> => {
    requests += 1
    assert.ok(requests <= MOST_REQUESTS, 'it is asked without end')
    const body = bodies.get(path)
    if (body === undefined) throw new HttpError('bmc: HTTP 404', 404)
    return parseResource(body)
  }
  return get
}

/** Null where it is refused. */
async function surveyOf(get: (path: string) => Promise<Json>): Promise<Survey | null> {
  try {
    return await survey(get, null, { uuid: '', serial: '' })
  } catch (error) {
    const isRefusal = error instanceof SensorError || error instanceof HttpError || error instanceof AnswerError
    assert.ok(isRefusal, error instanceof Error ? error.stack : String(error))
    return null
  }
}

/** Bounded lists of parts that can be, with names fit for a terminal. */
function checkParts({ dimmsGib, suppliesW, disks, processors }: Awaited<ReturnType<typeof partsTold>>): void {
  for (const gib of dimmsGib ?? []) assert.ok(gib > 0 && gib <= 4_096)
  for (const watts of suppliesW ?? []) assert.ok(watts === null || (watts >= 100 && watts <= 10_000))
  for (const { gb } of disks ?? []) assert.ok(gb >= 1 && gb <= 1e6)
  for (const { name } of [...(disks ?? []), ...(processors ?? [])]) assert.match(name, /^[^\p{Cc}]{1,200}$/u)
  for (const list of [dimmsGib, suppliesW, disks, processors])
    assert.ok(list === null || (list.length > 0 && list.length <= 256))
}

/** What a management controller answers: a refusal, or channels that are well-formed and readings that can be. */
export const redfish: FuzzTarget = {
  name: 'redfish',
  tokens: [
    '/redfish/v1/ ',
    '{"@odata.id":"/redfish/v1/Chassis/1"}',
    '"Members@odata.nextLink":"/redfish/v1/Systems"',
    '"Reading":312.5',
    '"LifetimeReading":1e300',
    '"ReadingType":"EnergykWh"',
    '"ReadingTime":"2026-03-01T12:00:00Z"',
    '"PowerConsumedWatts":-0',
    '"Name":"\\u001b[2J"',
    '"Oem":{"Hpe":{"Links":{"PowerMeter":',
    '"PowerDetail":[{"Average":300,"Time":"2026-03-01T10:00:00Z"}]',
    '"PowerCapacityWatts":800',
    '"Memory":{"@odata.id":"/redfish/v1/Systems/1/Memory"}',
    '"CapacityMiB":32768',
    '"Drives":[{"@odata.id":"/redfish/v1/d"}]',
    '"CapacityBytes":1e12,"MediaType":"SSD","Model":"\\u001b[2J"',
    'null',
    'NaN',
    '\r',
    '\n',
  ],
  async run(input) {
    const get = controller(input)
    const found = await surveyOf(get)
    if (found === null) return
    assert.doesNotMatch(found.machine, /\p{Cc}/u)
    const { measured, machine, ratedW, logs, place } = found
    const parts = await partsTold(get, place).catch(() => null)
    if (parts !== null) checkParts(parts)
    const meters = metersOf(measured, { intervalMs: 30_000, facts: { machine }, ratedW })
    assert.equal(meters.length > 0, measured.length > 0)
    const keys = meters.map(({ channel }) => channelKey(channel))
    assert.equal(new Set(keys).size, keys.length)
    const logged = logs === null ? [] : await readLogs(get, logs, clock).catch(() => [])
    for (const [at, one] of logged.entries()) {
      assert.ok(one.status === 'power' && one.powerUw > 0n && one.beforeNs <= clock.monotonicNs() + 30n * NS_PER_S)
      assert.ok(one.beforeNs >= (logged[at - 1]?.beforeNs ?? one.beforeNs) || at === logged.length - 1)
    }
    for (const meter of meters) {
      const { channel } = meter
      assert.match(channel.device, /^[^\p{Cc}]{1,220}$/u)
      for (const fact of Object.values(channel.facts)) assert.match(fact, /^[^\p{Cc}]{1,500}$/u)
      const reading = meter.read(await get(meter.path).catch(() => null), stamp)
      if (reading?.status === 'power') assert.ok(reading.powerUw >= 0n && reading.powerUw <= channel.maxPowerUw)
      if (reading?.status === 'counter') assert.ok(reading.count >= 0n && reading.count < 2n ** 63n)
    }
  },
}
