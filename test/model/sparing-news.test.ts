import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SparingNews } from '../../src/model/sparing-news.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import fc, { runs } from '../property.ts'

/** Changes at these seconds, each by the number of its place, and what is told by the second `until`. */
function toldOf(seconds: readonly number[], until: number): string[] {
  const news = new SparingNews()
  const told: string[] = []
  let s = 0
  for (; s <= until; s += 1) {
    const nowNs = BigInt(s) * NS_PER_S
    for (const [place, at] of seconds.entries()) {
      if (at === s) news.say('bmc', nowNs, (more) => told.push(`${s} #${place}${more}`))
    }
    news.tick(nowNs)
  }
  return told
}

const each = (s: number, until: number) => Array.from({ length: Math.floor(until / s) }, (_, index) => index * s)

test('the first changes are told as they come, and one a day for ever', () => {
  assert.deepEqual(toldOf([0, 5, 9], 100), ['0 #0', '5 #1', '9 #2'])
  assert.equal(toldOf(each(86_400, 864_000), 864_000).length, 10)
})

test('what flaps each half minute is told four times, then once an hour, with the number of changes', () => {
  const told = toldOf(each(30, 7_200), 7_200)
  assert.deepEqual(told.slice(0, 4), ['0 #0', '30 #1', '60 #2', '90 #3'])
  assert.deepEqual(told.map((one) => one.replace(/^\d+ /, '')).slice(4), ['#123, after 119 more changes within 60 min'])
})

test('the state in which it comes to rest is told ten minutes later, and at the end', () => {
  const flaps = each(30, 300)
  assert.equal(toldOf(flaps, 869).length, 4)
  assert.deepEqual(toldOf(flaps, 870).at(-1), '870 #9, after 5 more changes within 13 min')
  const news = new SparingNews()
  const told: string[] = []
  for (const at of flaps) news.say('bmc', BigInt(at) * NS_PER_S, (more) => told.push(`#${at}${more}`))
  news.tick(300n * NS_PER_S, true)
  assert.equal(told.at(-1), '#270, after 5 more changes within 4 min')
})

test('subjects do not cost each other anything', () => {
  const news = new SparingNews()
  let count = 0
  for (let index = 0; index < 100; index += 1) news.say(`gpu ${index}`, 0n, () => (count += 1))
  assert.equal(count, 100)
})

test('however it changes: no more than ten an hour, the first and the last state told, every change counted', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(gaps, (steps) => {
      let at = 0
      const changes = steps.map((step) => (at += step))
      const told = toldOf(changes, at + 700)
      const times = told.map((one) => Number(one.split(' ')[0]))
      for (const from of times) assert.ok(times.filter((one) => one >= from && one < from + 3_600).length <= 10)
      assert.match(told[0] ?? '', /#0$/)
      assert.match(told.at(-1) ?? '', new RegExp(`#${changes.length - 1}(,|$)`))
      const leftOut = told.map((one) => Number(/after (\d+)/.exec(one)?.[1] ?? 0))
      assert.equal(told.length + leftOut.reduce((sum, one) => sum + one, 0), changes.length)
    }),
    { numRuns: runs(50) },
  )
})
