import assert from 'node:assert/strict'
import { AnswerError, digPath, type Json, parseJsonExactly } from '../../../src/io/answer.ts'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { HttpInput } from '../../../src/sensors/http/input.ts'
import { httpSchema } from '../../../src/sensors/http/schema.ts'
import { variableIn } from '../../../src/sensors/nut/variable.ts'
import { TestClock } from '../../integration/machine.ts'
import type { FuzzTarget } from '../target.ts'

const plug = { url: 'http://plug/', value: 'meters.0.power', time: 'time', scope: 'ac_in' }
const { inputs: SETTINGS } = httpSchema.parse({
  inputs: [
    { ...plug, unit: 'W', device: 'watts' },
    { ...plug, unit: 'kWh', scope: 'other', device: 'energy' },
  ],
})

function refusedOr<T>(run: () => T): T | null {
  try {
    return run()
  } catch (error) {
    assert.ok(error instanceof SensorError || error instanceof AnswerError, String(error))
    assert.match(error.message, /^[^\n]{1,300}$/)
    return null
  }
}

/** What a plug or upsd answers: a number that a machine can draw, or a reason. */
export const meterAnswer: FuzzTarget = {
  name: 'meter-answer',
  tokens: [
    '{"meters":[{"power":87.5}],"time":1767225600}',
    '{"time":"2026-01-01T00:00:00Z",',
    '"meters":{"0":{"power":"1e3"}}',
    '__proto__',
    'VAR rack ups.realpower "312"',
    'ERR DATA-STALE',
    '\\"',
    '-1',
    'null',
    '1e999',
    '[[[[[[[[',
  ],
  run(input) {
    const text = input.toString('utf8')
    const watts = refusedOr(() => variableIn(text, 'rack', 'ups.realpower'))
    assert.ok(watts === null || text.includes('ups.realpower'))
    const answer: Json = refusedOr(() => parseJsonExactly(text))
    assert.equal(digPath(answer, '__proto__.constructor'), null)
    for (const settings of SETTINGS) {
      const meter = new HttpInput(settings, true, new TestClock())
      meter.channel(10_000)
      const reading = meter.read(answer, true, { beforeNs: 0n, afterNs: 0n })
      if (reading?.status === 'power') assert.ok(reading.powerUw > 0n && reading.powerUw <= 100_000_000_000n)
      else if (reading?.status === 'counter') assert.ok(reading.count >= 0n && reading.count < 2n ** 63n)
      else assert.match(reading?.message ?? '', /^plug\//)
    }
  },
}
