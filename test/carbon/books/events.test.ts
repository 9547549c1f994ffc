import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Integration } from '../../../src/integration/integration.ts'
import { machine, TestClock } from '../../integration/machine.ts'
import { aCarbon, PutSource, value } from '../a-carbon.ts'

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
