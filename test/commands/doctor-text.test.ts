import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doctorText } from '../../src/commands/doctor-text.ts'

test('doctor shows who knows the parts for the service, and what does not fit', () => {
  const inventory = {
    known: ['memory modules are as redfish at 10.0.0.7 told them at 2026-03-01T12:00:00.000Z'],
    said: ['redfish at 10.0.0.7 tells of other parts than are known'],
  }
  const text = doctorText({ user: 'test', note: null, sources: [], unmetered: [], offers: [], inventory, push: null })
  assert.match(
    text,
    /^✓ inventory: memory modules are as redfish at 10\.0\.0\.7 told them at 2026-03-01T12:00:00\.000Z$/m,
  )
  assert.match(text, /^! inventory: redfish at 10\.0\.0\.7 tells of other parts than are known$/m)
})
