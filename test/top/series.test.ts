import assert from 'node:assert/strict'
import { test } from 'node:test'
import { glyphsFor, sparkline } from '../../src/top/glyphs.ts'
import { partKey, Series, TOTAL } from '../../src/top/series.ts'
import { keysOf } from '../../src/top/terminal.ts'
import { amount, fitted, shown } from '../../src/top/text.ts'
import { MACHINES, NOON } from './machines.ts'

const UTF8 = glyphsFor({ LC_CTYPE: 'en_US.utf8' })
const ASCII = glyphsFor({})
const usual = MACHINES.usual
const at = (seconds: number, watts: number | null) => ({
  ...usual,
  time: new Date(NOON + seconds * 1e3).toISOString(),
  power: { ...usual.power, now_w: watts },
})

test('a bar is the mean of its ten seconds, and one of which nothing is known stays empty', () => {
  const series = new Series()
  for (const [seconds, watts] of [
    [0, 100],
    [4, 200],
    [9.9, 300],
    [20, null],
    [31, 50],
  ] as const)
    series.note(at(seconds, watts))
  assert.deepEqual(series.last(TOTAL, 5, NOON + 39_000), [null, 200, null, null, 50])
  assert.deepEqual(series.last(TOTAL, 2, NOON + 55_000), [null, null])
  assert.deepEqual(series.last(partKey('fans'), 2, NOON), [null, null])
})

test('the past fills what was not seen, and a clock that was set back begins anew', () => {
  const series = new Series()
  series.note(at(60, 400))
  const past = { step_s: 60, time: [NOON / 1e3 - 60, NOON / 1e3, NOON / 1e3 + 60], power_w: [10, null, 30] }
  series.recall({
    ...past,
    parts: [
      { part: 'rest', power_w: [1, null, 2] },
      { part: 'rest', power_w: [2, null, 2] },
    ],
  })
  assert.deepEqual(series.last(TOTAL, 8, NOON + 60_000), [10, ...Array(6).fill(null), 400])
  assert.deepEqual(series.last(partKey('rest'), 7, NOON + 50_000), [3, ...Array(6).fill(null)])
  series.note(at(-3_600, 7))
  assert.deepEqual(series.last(TOTAL, 2, NOON + 60_000), [null, null])
  assert.deepEqual(series.last(TOTAL, 1, NOON - 3_600_000), [7])
})

test('what was long ago, and whoever is gone, is forgotten', () => {
  const series = new Series()
  series.note(at(0, 100))
  for (let n = 1; n <= 300; n++) series.note({ ...at(10 * n, n), parts: [] })
  assert.deepEqual(series.last(TOTAL, 2, NOON + 3_000_000), [299, 300])
  assert.deepEqual(series.last(TOTAL, 1, NOON), [null])
  assert.deepEqual(series.last(partKey('rest'), 1, NOON), [null])
})

test('bars stand for shares of the most', () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7, null], UTF8), '▁▂▃▄▅▆▇█ ')
  assert.equal(sparkline([0, 7, null], ASCII), '_# ')
  assert.equal(sparkline([0, 0], UTF8), '▁▁')
  assert.equal(sparkline([-5, 10], UTF8), '▁█')
  assert.equal(sparkline([], UTF8), '')
})

test('texts have the width that they are given, whatever they hold', () => {
  assert.equal(fitted('abc', 5, UTF8), 'abc  ')
  assert.equal(fitted('abc', 5, UTF8, 'right'), '  abc')
  assert.equal(fitted('abcdef', 5, UTF8), 'abcd…')
  assert.equal(fitted('日本語', 4, UTF8), '日… ')
  assert.equal(fitted('e\u0301a\u0301', 2, UTF8), 'e\u0301a\u0301')
  assert.equal(fitted('abc', 0, UTF8), '')
  assert.equal(shown('a\u001b[2Jb\u202e\u2028', UTF8), 'a\\u{1b}[2Jb\\u{202e}\\u{2028}')
  assert.equal(shown('büro日', ASCII), 'b?ro?')
})

test('amounts have three digits that count', () => {
  const texts = [0, 7.254, 9.994, 9.996, 41.24, 99.96, 412.4, 31_250.6, -3.14, null].map((value) => amount(value, UTF8))
  assert.deepEqual(texts, ['0.00', '7.25', '9.99', '10.0', '41.2', '100', '412', '31251', '-3.14', '–'])
})

test('keys come one by one, however they were sent', () => {
  assert.deepEqual(keysOf('q\u001b[A\u001bOBj\u001b[6~\u0003'), [
    'q',
    '\u001b[A',
    '\u001bOB',
    'j',
    '\u001b[6~',
    '\u0003',
  ])
  assert.deepEqual(keysOf('\u001b'), ['\u001b'])
})
