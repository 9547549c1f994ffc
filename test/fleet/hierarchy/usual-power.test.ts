import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsualPower } from '../../../bench/hierarchy/model/usual-power.ts'

test('a host that never told has no usual power', () => {
  assert.equal(new UsualPower().told, null)
})

test('a host of steady power is told without doubt, one that swings with the swing', () => {
  const [steady, swinging] = [new UsualPower(), new UsualPower()]
  for (let hour = 0; hour < 240; hour++) {
    steady.add(300)
    swinging.add(hour % 2 === 0 ? 200 : 400)
  }
  assert.deepEqual(steady.told, { powerW: 300, sdW: 0 })
  const { powerW, sdW } = swinging.told ?? { powerW: 0, sdW: 0 }
  assert.ok(Math.abs(powerW - 300) < 5 && Math.abs(sdW - 100) < 5, `${powerW} W, ${sdW} W`)
})

test('a day makes most of it', () => {
  const usual = new UsualPower()
  for (let hour = 0; hour < 100; hour++) usual.add(100)
  for (let hour = 0; hour < 24; hour++) usual.add(500)
  assert.ok((usual.told?.powerW ?? 0) > 330)
})
