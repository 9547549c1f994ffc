import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Integration } from '../../../src/integration/integration.ts'
import { NS_PER_S } from '../../../src/model/units.ts'
import { machine, TestClock } from '../../integration/machine.ts'
import { aCarbon, PutSource, period, value } from '../a-carbon.ts'

test('a change of source is in the batch of the energy that it priced, once', () => {
  const { carbon } = aCarbon({ sources: [new PutSource('file', null), value(100)] })
  const node = new Integration({
    clock: new TestClock(),
    restored: null,
    bootId: 'boot-1',
    meter: 'auto',
    machine,
    carbon,
    attribution: null,
    selfCpuShare: () => 0,
  })
  carbon.book(1_000_000n, 0, 60_000)
  const { events, carbon: written } = node.collect()
  assert.equal(written.emissions.length, 1)
  assert.deepEqual(events, [
    {
      atUnixMs: 0,
      what: 'intensity_source_changed',
      detail: 'file -> value from 1970-01-01T00:00:00.000Z: it has no figure for this time',
    },
  ])
  assert.deepEqual(node.collect().events, [])
})

test('a source that comes and goes is told of four times, then each hour', () => {
  let minute = 0
  const PERIOD_MS = 300_000
  const file = new PutSource('file', PERIOD_MS)
  const nowNs = () => BigInt(minute) * 60n * NS_PER_S
  const { carbon } = aCarbon({ sources: [file, value(100)], nowNs, unixMs: () => minute * 60_000 })
  const details: string[] = []
  for (; minute < 6 * 60; minute += 5) {
    const start = minute * 60_000
    if (minute % 10 === 0) file.put(period(start, start + PERIOD_MS, 50))
    carbon.book(1_000_000n, start, start + PERIOD_MS)
    details.push(...carbon.collect().events.map(({ detail }) => detail))
  }
  assert.ok(details.length >= 8 && details.length <= 10, `${details.length}`)
  assert.match(details.at(-1) ?? '', /, after 11 more changes within 60 min$/)
})
