import assert from 'node:assert/strict'
import { AnswerError } from '../../../src/io/answer.ts'
import { atOnce } from '../../../src/io/slices.ts'
import { type CounterReading, readCounters } from '../../../src/workloads/counter-reading.ts'
import { following, stepOf } from '../../../src/workloads/increase.ts'
import { parseSelector } from '../../../src/workloads/selector.ts'
import type { FuzzTarget } from '../target.ts'

const selectorOf = (text: string) => parseSelector(text) ?? assert.fail(text)
const SELECTORS = new Map([
  ['request', [selectorOf('a_total{x="1"}'), selectorOf('b')]],
  ['output_token', [selectorOf('vllm:generation_tokens_total')]],
] as const)

/** Null for what is refused. */
function readingOf(text: string): CounterReading | null {
  try {
    return atOnce(readCounters(text, SELECTORS))
  } catch (error) {
    assert.ok(error instanceof AnswerError, error instanceof Error ? error.stack : String(error))
    assert.match(error.message, /^expected (?:metrics of Prometheus|a count in [\w:]+), received "[^\n]{0,80}$/)
    return null
  }
}

/** Two answers of a server, apart by a form feed: counts that can be, or a reason; and a step that invents nothing. */
export const serverMetrics: FuzzTarget = {
  name: 'server-metrics',
  tokens: [
    '# TYPE a_total counter\n',
    'a_total{x="1"} 5\n',
    'a_total{x="1",y="\\"\\\\\\n"} 7e3 1395066363000\n',
    'a_created{x="1"} 1.7e9\n',
    'b 1.0 # {trace="1"} 2 3\n',
    'vllm:generation_tokens_total{engine="0"} 12.0\n',
    'process_start_time_seconds 998.5\n',
    '{"a.b"} 1\n',
    '\f',
    '+Inf',
    'NaN',
    '-1',
    '\r\n',
    '# EOF\n',
  ],
  run(input) {
    const [first = '', second = ''] = input.toString('utf8').split('\f')
    const [before, now] = [readingOf(first), readingOf(second)]
    for (const reading of [before, now]) {
      if (reading === null) continue
      assert.ok(reading.startedUnixS === null || reading.startedUnixS > 0)
      for (const values of reading.series.values()) for (const value of values.values()) assert.ok(value >= 0)
    }
    if (before === null || now === null) return
    for (const isBroken of [false, true]) {
      const from = following(null, { ...before, atNs: 0n, atUnixMs: 1_000_000 })
      const to = following(from, { ...now, atNs: 5_000_000_000n, atUnixMs: 1_005_000 })
      const { increase } = stepOf(from, to, isBroken)
      if (increase === null) continue
      assert.ok(increase.fromNs >= from.atNs && increase.fromNs <= to.atNs)
      for (const [unit, values] of now.series) {
        const shown = [...values.values()].reduce((sum, value) => sum + value, 0)
        const counted = increase.units[unit] ?? Number.NaN
        assert.ok(counted >= 0 && counted <= shown, `${counted} of ${shown}`)
      }
    }
  },
}
