import assert from 'node:assert/strict'
import type { ExpositionFormat } from '../../src/exporter/exposition.ts'

export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ParsedFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly ParsedSample[]
}

const METRIC_NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const NUMBER = /^-?\d+(\.\d+)?(e[+-]\d+)?$/

/**
 * Reads an exposition by the letter of its specification and fails on whatever a scraper might only tolerate
 * (prometheus.io/docs/instrumenting/exposition_formats, OpenMetrics 1.0): families in one piece with help and type, each
 * series once, names and suffixes of the type, finite values, cumulative histograms.
 */
export function parseExposition(text: string, format: ExpositionFormat): readonly ParsedFamily[] {
  const lines = linesOf(text, format)
  const families: { name: string; type: string; help: string; samples: ParsedSample[] }[] = []
  const series = new Set<string>()
  for (let index = 0; index < lines.length; ) {
    const help = new RegExp(`^# HELP (${METRIC_NAME}) (.+)$`, 's').exec(lines[index] ?? '')
    assert.ok(help, `expected HELP, received ${lines[index]}`)
    const type = new RegExp(`^# TYPE (${METRIC_NAME}) (counter|gauge|histogram|info)$`).exec(lines[index + 1] ?? '')
    assert.ok(type && type[1] === help[1], `expected TYPE of ${help[1]}, received ${lines[index + 1]}`)
    const samples: ParsedSample[] = []
    for (index += 2; index < lines.length && !lines[index]?.startsWith('#'); index += 1) {
      samples.push(parseSample(lines[index] ?? ''))
    }
    families.push({ name: type[1] ?? '', type: type[2] ?? '', help: unescapeText(help[2] ?? ''), samples })
  }
  assert.equal(new Set(families.map(({ name }) => name)).size, families.length, 'a family appears twice')
  for (const family of families) {
    assert.ok(family.samples.length > 0, `${family.name} has no samples`)
    for (const sample of family.samples) {
      const identity = JSON.stringify([sample.name, Object.entries(sample.labels).sort()])
      assert.ok(!series.has(identity), `duplicated series ${identity}`)
      series.add(identity)
    }
    checkType(family, format)
  }
  return families
}

function linesOf(text: string, format: ExpositionFormat): readonly string[] {
  assert.ok(text.endsWith('\n'), 'the last line is not ended')
  const lines = text.slice(0, -1).split('\n')
  if (format === 'text') return lines.filter((line) => line !== '')
  assert.equal(lines.pop(), '# EOF')
  assert.ok(!lines.includes(''), 'OpenMetrics has no empty lines')
  return lines
}

function parseSample(line: string): ParsedSample {
  const head = new RegExp(`^(${METRIC_NAME})`).exec(line)
  assert.ok(head, `expected a sample, received ${line}`)
  const labels: Record<string, string> = {}
  let rest = line.slice(head[0].length)
  if (rest.startsWith('{')) {
    const pair = /[{,]([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"/y
    for (let found = pair.exec(rest); found; found = pair.exec(rest)) {
      const [whole, name = '', value = ''] = found
      assert.ok(!(name in labels), `label ${name} twice in ${line}`)
      assert.doesNotMatch(name, /^__/)
      labels[name] = unescapeText(value)
      if (rest[pair.lastIndex] === '}') {
        rest = rest.slice(pair.lastIndex + 1)
        break
      }
      assert.equal(rest[pair.lastIndex], ',', `after ${whole} in ${line}`)
    }
  }
  assert.match(rest, /^ [^ ]+$/, `expected one value in ${line}`)
  assert.match(rest.slice(1), NUMBER, `not a finite number in ${line}`)
  return { name: head[0], labels, value: Number(rest) }
}

function unescapeText(text: string): string {
  return text.replaceAll(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}

function checkType({ name, type, samples }: ParsedFamily, format: ExpositionFormat): void {
  const names = new Set(samples.map((sample) => sample.name))
  if (type === 'counter') {
    assert.equal(name.endsWith('_total'), format === 'text', `${name}: _total belongs to the sample`)
    assert.deepEqual([...names], [format === 'text' ? name : `${name}_total`])
    for (const { value } of samples) assert.ok(value >= 0, `${name} is negative`)
  } else if (type === 'histogram') {
    checkHistogram(name, samples)
  } else {
    assert.doesNotMatch(name, /_(total|count|sum|bucket)$/)
    assert.deepEqual([...names], [type === 'info' ? `${name}_info` : name])
    if (type === 'info' || name.endsWith('_info')) assert.ok(samples.every(({ value }) => value === 1))
  }
}

function checkHistogram(name: string, samples: readonly ParsedSample[]): void {
  const groups = Map.groupBy(samples, ({ labels: { le, ...labels } }) => JSON.stringify(labels))
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`)
    const counts = buckets.map(({ value }) => value)
    const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le)))
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
      `${name}: buckets are not cumulative`,
    )
    assert.deepEqual(
      bounds,
      [...new Set(bounds)].toSorted((a, b) => a - b),
      `${name}: bounds do not rise`,
    )
    assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY)
    for (const { labels } of buckets) assert.match(labels.le ?? '', /^(\+Inf|\d+\.\d+|\d+(\.\d+)?e-\d+)$/)
    const rest = group.slice(buckets.length).map((sample) => sample.name)
    assert.deepEqual(rest, [`${name}_sum`, `${name}_count`])
    assert.equal(group.at(-1)?.value, counts.at(-1))
  }
}
