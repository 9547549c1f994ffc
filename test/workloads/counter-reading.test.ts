import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atOnce } from '../../src/io/slices.ts'
import { type CounterReading, readCounters } from '../../src/workloads/counter-reading.ts'
import { following, stepOf } from '../../src/workloads/increase.ts'
import { parseSelector } from '../../src/workloads/selector.ts'

const selectorOf = (text: string) => parseSelector(text) ?? assert.fail(text)
const SELECTORS = new Map([['request', [selectorOf('new_total'), selectorOf('old_total')]]] as const)

const read = (text: string): CounterReading => atOnce(readCounters(text, SELECTORS))
const values = (text: string) => [...(read(text).series.get('request')?.values() ?? [])]

test('of the names that versions have had, one counts', () => {
  assert.deepEqual(values('old_total 3\n'), [3])
  assert.deepEqual(values('old_total 3\nnew_total 4\n'), [4])
  assert.deepEqual(values('new_total{a="1"} 4\nnew_total{a="2"} 5\nold_total 9'), [4, 5])
  assert.deepEqual(values('other 1'), [])
})

test('a series is known by its labels, in whatever order they come', () => {
  const [a, b] = [read('new_total{a="1",b="2"} 4'), read('new_total{b="2",a="1"} 6')]
  const at = (reading: CounterReading, s: bigint) =>
    following(null, { ...reading, atNs: s * 1_000_000_000n, atUnixMs: Number(s) * 1e3 })
  assert.deepEqual(stepOf(at(a, 1n), at(b, 2n), false), {
    hasRestarted: false,
    increase: { fromNs: 1_000_000_000n, units: { request: 2 } },
  })
})

test('a process says when it began, or its counters do, of which the oldest counts', () => {
  const started = (text: string) => read(text).startedUnixS
  assert.equal(started('new_total 1'), null)
  assert.equal(started('new_total 1\nprocess_start_time_seconds 1.77e9'), 1_770_000_000)
  assert.equal(started('new_total{a="1"} 1\nnew_created{a="1"} 1.78e9\nnew_created{a="2"} 1.775e9'), 1_775_000_000)
  assert.equal(started('new_total 1\nnew_created 1.78e9\nprocess_start_time_seconds 1.77e9'), 1_770_000_000)
  const start = 'process_start_time_seconds'
  assert.equal(started(`new_total 1\nnew_created 5\n${start}{pid="1"} 1.77e9\n${start}{pid="2"} 1.78e9`), null)
  for (const odd of ['0', 'NaN', '-5', '+Inf']) {
    assert.equal(started(`new_total 1\n${start} ${odd}`), null, odd)
  }
})
