import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { effectiveYaml } from '../../src/config/document.ts'
import { type Config, parseConfig } from '../../src/config/loader.ts'
import { jsonSchema } from '../../src/config/shape.ts'
import { ConfigFault } from '../../src/model/config-fault.ts'
import { formatDuration } from '../../src/schema/duration.ts'
import type { KeyShape } from '../../src/schema/key-shape.ts'
import fc from '../property.ts'

const parse = (text: string): Config => parseConfig(text, { HOME: '/root' }, 'test.yaml')

/** Accepts, or throws a ConfigFault that names at least one thing in full. */
function judge(source: string): void {
  try {
    parse(source)
  } catch (error) {
    assert.ok(error instanceof ConfigFault, String((error as Error).stack))
    assert.ok(error.faults.length > 0)
    for (const { text, place } of error.faults) {
      assert.match(text, /^expected .+, received .+$/su)
      const { at } = place ?? assert.fail('a fault without a place')
      assert.ok(at === null || (at.line >= 1 && at.column >= 1))
    }
  }
}

const TOKENS = [...'a:[]{}|?%#~ \n\t\r"\'', 'node', '  ', '- ', '&x ', '*x', '!t ', '<<', '0x1']
const tokens = fc.array(fc.constantFrom(...TOKENS), { maxLength: 40 }).map((all) => all.join(''))
const text = fc.oneof(fc.string({ unit: 'binary' }), tokens)

test('no text is anything but accepted or refused', () => {
  fc.assert(fc.property(text, judge), { numRuns: 400 })
})

/** Objects of the documented shape with wrong values, wrong keys and right ones mixed. */
function nearly(shape: KeyShape): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(
    { depthSize: 'small' },
    fc.jsonValue(),
    fc.constantFrom('5s', '100ms', 'auto', '/x', ':1', Number.NaN, -1),
  )
  if (shape.properties === undefined) return fc.oneof(wrong, fc.constant(shape.default))
  const known = Object.fromEntries(Object.entries(shape.properties).map(([key, child]) => [key, nearly(child)]))
  const section = fc.tuple(fc.record(known, { requiredKeys: [] }), fc.dictionary(fc.string(), wrong, { maxKeys: 1 }))
  return fc.oneof({ arbitrary: section.map(([some, more]) => ({ ...more, ...some })), weight: 9 }, wrong)
}

test('no object is anything but accepted or refused', () => {
  fc.assert(
    fc.property(nearly(jsonSchema()), (value) => judge(stringify(value))),
    { numRuns: 100 },
  )
})

const within = (min: number, max: number) => fc.integer({ min, max }).map(formatDuration)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const enabled = fc.constantFrom('auto', true, false)
const path = fc.stringMatching(/^(\/[^\0\n]{1,20}){1,4}$/)
const inputs = fc.uniqueArray(
  fc.record({
    path,
    unit: fc.constantFrom('W', 'mW', 'uW', 'J', 'mJ', 'uJ', 'Wh', 'kWh'),
    scope: fc.constantFrom('psu', 'gpu', 'core', 'fan', 'other'),
    device: fc.stringMatching(/^[a-z0-9]{1,12}$/),
    max_age: within(1_000, 24 * HOUR),
  }),
  { selector: ({ scope, device }) => `${scope}/${device}`, maxLength: 5 },
)
const basis = fc.constantFrom('direct', 'life-cycle')
const source = fc.oneof(
  fc.constant({ source: 'static' }),
  fc.record({
    source: fc.constant('value'),
    g_per_kwh: fc.double({ min: 0, max: 2_000, noNaN: true }),
    basis,
    reference: fc.stringMatching(/^[^\p{Cc}]{1,40}$/u),
  }),
  fc.record({ source: fc.constant('file'), path, basis }, { requiredKeys: ['source', 'path'] }),
  fc.record({ source: fc.constantFrom('uk', 'rte'), hold: within(0, 7 * 24 * HOUR) }, { requiredKeys: ['source'] }),
  fc.record({ source: fc.constant('electricitymaps'), key_file: path }),
  fc.record({ source: fc.constant('eia'), key_file: path, respondent: fc.constantFrom('CISO', 'US48'), basis }),
  fc.record({ source: fc.constant('entsoe'), key_file: path, area: fc.constant('10YFR-RTE------C'), basis }),
  fc.record({
    source: fc.constant('prometheus'),
    url: fc.constant('http://prometheus:9090'),
    query: fc.stringMatching(/^[^\0]{1,40}$/),
    basis,
  }),
)
const ratio = fc.double({ min: 1, max: 10, noNaN: true })
const entry = fc.record(
  { months: fc.option(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 })), pue: ratio },
  { requiredKeys: ['pue'] },
)
const pue = fc.oneof(
  fc.record({ source: fc.constant('schedule'), default: ratio, entries: fc.array(entry, { minLength: 1 }) }),
  fc.record({ source: fc.constant('file'), path, default: ratio, hold: within(0, 7 * 24 * HOUR) }),
  fc.record({
    source: fc.constant('prometheus'),
    url: fc.constant('http://prometheus:9090'),
    query: fc.stringMatching(/^[^\0]{1,40}$/),
    default: ratio,
  }),
)
const litres = fc.double({ min: 0, max: 100, noNaN: true })
const gridWater = fc.record({ l_per_kwh: litres, reference: fc.stringMatching(/^[^\p{Cc}]{1,40}$/u) })
const kg = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }))
const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
const embodied = fc.record(
  {
    total_kg: kg,
    source: fc.option(fc.stringMatching(/^[^\p{Cc}]{1,40}$/u)),
    lifetime_years: fc.double({ min: 1, max: 30, noNaN: true }),
    commissioned: fc.option(day.map((date) => date.toISOString().slice(0, 10))),
    remaining_kg: kg,
  },
  { requiredKeys: [] },
)
const valid = fc.record(
  {
    node: fc.record({
      name: fc.option(fc.stringMatching(/^[^\p{Cc}]{1,40}$/u)),
      labels: fc.dictionary(fc.stringMatching(/^x[a-zA-Z0-9_]{0,20}$/), fc.stringMatching(/^[^\0]{1,20}$/u)),
      meter: fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}$/),
      supply: fc.record({
        rated_w: fc.option(fc.integer({ min: 10, max: 100_000 })),
        count: fc.integer({ min: 1, max: 16 }),
        rating: fc.option(fc.constantFrom('bronze', 'titanium')),
        volts: fc.constantFrom(115, 230),
      }),
    }),
    paths: fc.record({ sysfs: path, state: fc.option(path) }),
    sensors: fc.record({
      rapl: fc.record({ enabled, interval: within(100, 30_000), interface: fc.constantFrom('auto', 'perf') }),
      ipmi: fc.record({ enabled, interval: within(1_000, HOUR), deadline: within(100, MINUTE) }),
      file: fc.record({ enabled, interval: within(1_000, HOUR), inputs }),
      estimate: fc.record({ enabled, interval: within(1_000, HOUR) }),
    }),
    carbon: fc.record({
      zone: fc.option(fc.constantFrom('DE', 'deu', 'NO', 'WORLD')),
      pue: fc.oneof(ratio, pue),
      location: fc.oneof(source, fc.array(source, { minLength: 1, maxLength: 8 })),
      water: fc.record({ wue: fc.option(litres), grid: fc.oneof(fc.constantFrom('auto', 'none'), gridWater) }),
      embodied: fc.oneof(fc.constantFrom('auto', 'none'), embodied),
    }),
    ledger: fc.record({ flush: within(1_000, 5 * MINUTE), keep: fc.record({ raw: within(HOUR, 365 * 24 * HOUR) }) }),
    web: fc.record({
      listen: fc
        .tuple(
          fc.oneof(
            fc.ipV4(),
            fc.ipV6().map((ip) => `[${ip}]`),
            fc.domain(),
            fc.constant(''),
          ),
          fc.nat(65_535),
        )
        .map(([host, port]) => `${host}:${port}`),
    }),
    log: fc.record({ level: fc.constantFrom('debug', 'info', 'warn', 'error') }),
  },
  { requiredKeys: [] },
)

test('what is valid is accepted, and printing it loads back to the same', () => {
  const roundTrip = (value: object) => {
    const config = parse(stringify(value))
    assert.deepEqual(parse(effectiveYaml(config)), config)
  }
  fc.assert(fc.property(valid, roundTrip), { numRuns: 150 })
})
