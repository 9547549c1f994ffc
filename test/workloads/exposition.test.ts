import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderExposition } from '../../src/exporter/exposition.ts'
import { familiesOf } from '../../src/exporter/metric.ts'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import { atOnce } from '../../src/io/slices.ts'
import { samplesIn } from '../../src/workloads/exposition.ts'
import { parseSelector, selects } from '../../src/workloads/selector.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'

const read = (text: string, ...names: string[]) =>
  atOnce(samplesIn(text, new Set(names))).map(({ name, labels, value }) => [name, Object.fromEntries(labels), value])

test('samples by name: labels, times, exemplars and every form of a number', () => {
  const text = `# HELP a_total What it is, with \\\\ and "quotes".
# TYPE a_total counter
a_total 1
a_total{} 2.5e+06
a_total{x="1"} .5 1395066363000
a_total { x = "2" , y = "3" , } +7.
a_total{x="4"} 8 # {trace_id="KOO5S4vxi0o"} 0.67
a_total{x="5"} 9 1520879607.789 # {trace_id="{}"} 0.67 1520879607.789
\t a_total{x="6"}\tNaN
a_total{x="7"} +Inf
a_total{x="8"} -inf
a_total_created{x="8"} 1.5
ab{x="}"} 3

a 10
{"a.dotted", x="1"} 1
# EOF`
  assert.deepEqual(read(text, 'a_total'), [
    ['a_total', {}, 1],
    ['a_total', {}, 2_500_000],
    ['a_total', { x: '1' }, 0.5],
    ['a_total', { x: '2', y: '3' }, 7],
    ['a_total', { x: '4' }, 8],
    ['a_total', { x: '5' }, 9],
    ['a_total', { x: '6' }, Number.NaN],
    ['a_total', { x: '7' }, Number.POSITIVE_INFINITY],
    ['a_total', { x: '8' }, Number.NEGATIVE_INFINITY],
  ])
  assert.deepEqual(read('a 1\r\nb 2\r\n', 'b'), [['b', {}, 2]])
})

test('escapes of label values', () => {
  const text = String.raw`a{path="C:\\DIR\\",error="not \"found\"\nat all",odd="\t",brace="},",empty=""} 3`
  assert.deepEqual(read(text, 'a'), [
    ['a', { path: 'C:\\DIR\\', error: 'not "found"\nat all', odd: '\\t', brace: '},', empty: '' }, 3],
  ])
})

test('a text with a line that is none of the format is refused as a whole, and shows nothing of it', () => {
  for (const [text, line] of [
    ['a 1\n<html>secret</html>', 2],
    ['secret', 1],
    ['{"error": "secret"}', null],
    ['a{x="secret} 1', 1],
    ['a{x="secret"', 1],
    ['a{x="1" y="secret"} 1', 1],
    ['a{1x="secret"} 1', 1],
    ['a secret', 1],
    ['a', 1],
    ['a 0x1f', 1],
    ['a 1 secret', 1],
    ['other secret', 1],
    ['other{x="1"} 1 secret', 1],
    ['Not ready', 1],
    [`a ${'1'.repeat(1 << 16)}`, 1],
    ['a{x="1"}1', 1],
    ['', null],
    ['# nothing but comments\n\n', null],
  ] as const) {
    assert.throws(
      () => read(text, 'a'),
      (error: Error) => {
        assert.match(error.message, /^expected metrics of Prometheus, received "/)
        if (line !== null) assert.ok(error.message.includes(`line ${line}"`), `${text}: ${error.message}`)
        assert.doesNotMatch(error.message, /secret/)
        return true
      },
    )
  }
})

test('a selector names a counter and some of its labels', () => {
  const sample = (text: string) => atOnce(samplesIn(text, new Set(['a:b_total'])))[0] ?? assert.fail(text)
  const matches = (selector: string, text: string) => {
    const parsed = parseSelector(selector)
    assert.ok(parsed, selector)
    return selects(parsed, sample(text))
  }
  assert.ok(matches('a:b_total', 'a:b_total{x="1"} 1'))
  assert.ok(matches('a:b_total{x="1"}', 'a:b_total{y="2",x="1"} 1'))
  assert.ok(matches('a:b_total{x=""}', 'a:b_total{y="2"} 1'))
  assert.ok(!matches('a:b_total{x="1"}', 'a:b_total{x="2"} 1'))
  assert.ok(!matches('a:b_total{x="1"}', 'a:b_total 1'))
  assert.ok(!matches('a', 'a:b_total 1'))
  for (const text of ['', '1a', 'a b', 'a{x=1}', 'a{x!="1"}', 'a{x="1"', 'a{x="1"} ', 'sum(a)', '{x="1"}']) {
    assert.equal(parseSelector(text), null, text)
  }
})

test('it reads what the agent itself shows, in both formats', async () => {
  const families = familiesOf(SNAPSHOT_METRICS, A_SNAPSHOT).filter(({ type }) => type !== 'histogram')
  const shown = families.flatMap(({ name, series }) => series.map(({ labels, value }) => [name, { ...labels }, value]))
  for (const format of ['text', 'openmetrics'] as const) {
    const text = await renderExposition(families, format)
    assert.deepEqual(read(text, ...families.map(({ name }) => name)), shown)
  }
})
