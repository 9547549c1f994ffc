/** Debian: prometheus; and Go 1.26 or later for Prometheus 3 and VictoriaMetrics */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { meterRules } from '../../src/fleet/meter-rules.ts'
import { parseTopology } from '../../src/fleet/read-topology.ts'
import { missing, PROMTOOL_3 } from '../evidence/prometheus.ts'
import { VMALERT_TOOL } from '../evidence/victoria-metrics.ts'
import { CONFIG, RuleFolder, type UnitTest } from '../exporter/rules/unit-test.ts'
import { AT_MIN, COUNTS, FLEET, PLACE_CASES } from './rules-cases.ts'
import { SITE } from './site.ts'

const TIMEOUT_MS = 1_200_000
const FLEET_RULES = join(CONFIG, 'fleet')
const files: Readonly<Record<string, string>> = {
  'meters.yml': meterRules(parseTopology(SITE, 'site.yaml'), Date.UTC(2026, 2, 1)),
  ...Object.fromEntries(readdirSync(FLEET_RULES).map((name) => [name, readFileSync(join(FLEET_RULES, name), 'utf8')])),
}
const records = Object.values(files).flatMap((text) =>
  (parse(text) as { groups: { rules: { record: string }[] }[] }).groups.flatMap(({ rules }) =>
    rules.map(({ record }) => record),
  ),
)

/** In whole hundred-thousandths, since engines add in different orders. */
const rounded = (expr: string): string => `round(1e5 * (${expr}))`
const places = PLACE_CASES.flatMap(({ level, labels, atMin, gives }) =>
  Object.entries(gives).map(([record, value]) => {
    const [name = '', own = ''] = record.split(/[{}]/)
    const all = own === '' ? labels : `${labels},${own}`
    return {
      expr: rounded(`${level}:wattledger_fleet_${name}{${all}}`),
      atMin,
      gives: { [`{${all}}`]: Math.round(value * 1e5) },
    }
  }),
)
const counts = Object.entries(COUNTS).map(([expr, value]) => ({
  expr: `${rounded(expr)} or vector(0)`,
  atMin: AT_MIN,
  gives: { '{}': Math.round(value * 1e5) },
}))
const fleet: UnitTest = { name: 'a campus of seven hosts', series: FLEET, expects: [...places, ...counts] }

function run(program: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`)
}

test('each record is tested by a value', () => {
  for (const record of records)
    assert.ok(
      fleet.expects.some(({ expr }) => expr.includes(record)),
      record,
    )
})

describe('the rules of a fleet', () => {
  for (const [what, program, skip] of [
    ['of Debian', () => 'promtool', missing('promtool')],
    ['3', () => PROMTOOL_3.file(), PROMTOOL_3.missing],
  ] as const) {
    test(`do in Prometheus ${what} what they say`, { skip, timeout: TIMEOUT_MS }, () => {
      using folder = new RuleFolder((text) => text, '1m', files)
      run(program(), 'test', 'rules', folder.write([fleet], 'promql'))
    })
  }

  test('do the same in VictoriaMetrics', { skip: VMALERT_TOOL.missing, timeout: TIMEOUT_MS }, () => {
    using folder = new RuleFolder((text) => text, '1m', files)
    run(VMALERT_TOOL.file(), 'unittest', '--files', folder.write([fleet], 'metricsql'))
  })

  test('a wrong figure fails', { skip: missing('promtool'), timeout: TIMEOUT_MS }, () => {
    using folder = new RuleFolder((text) => text, '1m', files)
    const wrong = {
      ...fleet,
      expects: [{ expr: 'campus:wattledger_fleet_power_watts:rate5m', atMin: AT_MIN, gives: {} }],
    }
    assert.throws(() => run('promtool', 'test', 'rules', folder.write([wrong], 'promql')), /got:/)
  })
})
