import assert from 'node:assert/strict'
import { test } from 'node:test'
import { absentMeter } from '../../src/sensors/absent-meter.ts'

const channels = [{ nodeMeter: 'psys' }, { nodeMeter: null }, { nodeMeter: 'psys' }]

test('a meter of the configuration that no sensor has is said, with those that there are', () => {
  assert.deepEqual(absentMeter('psy', channels), [
    'node.meter: no sensor has a meter psy, so the parts count until one has it: choose among auto, components, estimate, psys',
  ])
})

test('nothing is said of a meter that is there, and where none is needed', () => {
  for (const wanted of ['psys', 'auto', 'components', 'estimate']) assert.deepEqual(absentMeter(wanted, channels), [])
})
