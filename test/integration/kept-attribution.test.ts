import assert from 'node:assert/strict'
import { test } from 'node:test'
import { totalsOf } from '../../src/integration/shown-totals.ts'
import type { AttributionState } from '../../src/model/attribution.ts'
import type { LedgerState } from '../../src/model/batch.ts'
import { UNATTRIBUTED } from '../../src/model/consumer.ts'
import { bookedIn, bothFigures, figuresOf, NO_FOOTPRINT } from '../../src/model/footprint.ts'
import { estimateChannel, integration, power, seconds, TestClock, watts } from './machine.ts'

/** A run that splits nothing, at 100 W by the model of its processor. */
function runOn(clock: TestClock, restored: LedgerState | null): LedgerState {
  const run = integration(clock, restored)
  run.setChannels('estimate', [estimateChannel])
  run.openAccount()
  for (let second = 0; second < 60; second++) {
    clock.advance(seconds(1))
    run.accept('estimate', [{ first: 0, readings: [power(clock.ns, watts(100))] }])
    run.tick()
  }
  return run.collect(true).state
}

test('what was split stays while nobody splits, and what is drawn meanwhile is no backlog', () => {
  const clock = new TestClock()
  const first = runOn(clock, null)
  const nodeUj = ({ node }: LedgerState) => Object.values(node.energyUj).reduce((sum, uj) => sum + uj, 0n)
  const total = { idleUj: 3_000_000n, dynamicUj: 2_000_000n }
  const split: AttributionState = {
    consumers: [
      { ...total, consumer: UNATTRIBUTED, tenant: 'web', booked: NO_FOOTPRINT, bornUnixMs: 0, goneUnixMs: null },
    ],
    tenants: [{ ...total, tenant: 'web' }],
    parts: [{ ...total, part: 'processors', waitingUj: 0n }],
    // A joule waited for the use of its time when the run was killed.
    attributedUj: nodeUj(first) - 1_000_000n,
    attributedBooked: bookedIn(first.carbon),
    idle: { 'processors/socket-0': 'learned' },
    lastUse: 'of then',
  }
  let last: LedgerState = { ...first, attribution: split }
  let booked = figuresOf(split.attributedBooked)
  for (let run = 0; run < 2; run++) {
    last = runOn(clock, last)
    booked = bothFigures(booked, figuresOf(bookedIn(last.carbon)))
  }
  assert.ok(nodeUj(last) > nodeUj(first) + 1_000_000_000n)
  assert.ok(last.attribution)
  const { attributedUj, attributedBooked, ...kept } = last.attribution
  const { attributedUj: _, attributedBooked: __, ...before } = split
  assert.deepEqual(kept, { ...before, lastUse: '' })
  assert.equal(attributedUj, nodeUj(last) - 1_000_000n)
  assert.deepEqual(figuresOf(attributedBooked), booked, 'of the books, which begin anew with each run here')
  assert.equal(totalsOf(last).get('tenant/web/idle'), 3_000_000n, 'so that its ceiling is kept too')
})

test('where nothing was ever split there is nothing to keep', () => {
  const clock = new TestClock()
  assert.equal(runOn(clock, runOn(clock, null)).attribution, null)
})
