import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountRig, constant, meter, wholeMeter } from './account-rig.ts'
import { integration, TestClock } from './machine.ts'

test('a meter that comes and goes for an hour is some events, and the last of them is true', () => {
  const whole = wholeMeter('ac_in', constant(500))
  const model = meter('estimate', 'model', 'socket-0', constant(100), 'package')
  const rig = new AccountRig([whole, model])
  for (let times = 0; times < 60; times += 1) {
    rig.open(whole, times % 2 === 0)
    rig.passes(60)
    rig.collect()
  }
  const changes = rig.events.filter((one) => one.startsWith('meter_changed'))
  assert.deepEqual(changes.slice(0, 3), [
    'meter_changed: none -> ac_in',
    'meter_changed: ac_in -> estimate',
    'meter_changed: estimate -> ac_in',
  ])
  assert.ok(changes.length <= 6, `${changes.length} events`)
  rig.passes(600)
  rig.collect()
  assert.match(rig.events.at(-1) ?? '', /^meter_changed: ac_in -> estimate, after \d+ more changes within \d+ min$/)
})

test('a wall clock that flaps is some events, and what waits is told at the end', () => {
  const clock = new TestClock()
  const node = integration(clock)
  for (let times = 0; times < 400; times += 1) {
    clock.advance(3_000_000_000n)
    clock.wallMs += times % 2 === 0 ? 5_000 : -5_000
    node.tick()
  }
  const first = node.collect().events
  assert.equal(first.length, 4)
  const last = node.collect(true).events
  assert.deepEqual(
    last.map(({ detail }) => detail),
    ['wall clock moved by -5000 ms, after 395 more changes within 20 min'],
  )
})
