/** Debian: prometheus; and Go 1.26 or later for Prometheus 3 and VictoriaMetrics */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { missing, PROMTOOL_3 } from '../../evidence/prometheus.ts'
import { VMALERT_TOOL } from '../../evidence/victoria-metrics.ts'
import { ALERT_CASES } from './alert-cases.ts'
import { RECORDING_CASES, SOUND } from './recording-cases.ts'
import { DAY_MIN } from './series.ts'
import { bundled, CONFIG, RuleFolder, ruleFiles, type UnitTest, withLimits } from './unit-test.ts'

const TIMEOUT_MS = 1_200_000

interface Rule {
  readonly record?: string
  readonly alert?: string
}
const rules: readonly Rule[] = ruleFiles().flatMap((file) =>
  (parse(readFileSync(file, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules),
)

const firing = (selector: string): string => `count(ALERTS{${selector}alertstate="firing"}) or vector(0)`

const alertTests: readonly UnitTest[] = ALERT_CASES.map(({ alert, what, series, firing: expected }) => ({
  name: `${alert}: ${what}`,
  series,
  expects: Object.entries(expected).map(([minute, count]) => ({
    expr: firing(`alertname="${alert}",`),
    atMin: Number(minute),
    gives: { '{}': count },
  })),
}))
const recordingTests: readonly UnitTest[] = RECORDING_CASES.map(({ record, labels, series, atMin, value, inAll }) => ({
  name: record,
  series,
  expects: [
    // Rounded, since engines add in different orders; and times 1, since one of them keeps the name.
    { expr: `round(1 * ${record}{${labels}}, 0.001)`, atMin, gives: { [`{${labels}}`]: value } },
    ...(inAll === undefined ? [] : [{ expr: `count(${record})`, atMin, gives: { '{}': inAll } }]),
  ],
}))
const sound: UnitTest = {
  name: 'nothing fires on a sound machine',
  series: SOUND,
  expects: [60, 230].map((atMin) => ({ expr: firing(''), atMin, gives: { '{}': 0 } })),
}

const all = [...alertTests, ...recordingTests]
const isLong = ({ expects }: UnitTest): boolean => expects.some(({ atMin }) => atMin > DAY_MIN)
/** Days are looked at every four minutes, for the time it takes; Prometheus 3 would not see a sample of five minutes ago. */
const BY_INTERVAL = [
  ['1m', bundled(all.filter((one) => !isLong(one)))],
  ['4m', bundled(all.filter(isLong))],
] as const

function run(program: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`)
}

test('each alert is tested as it fires and as it does not, each record by a value', () => {
  for (const { alert, record } of rules) {
    const counts = ALERT_CASES.filter((one) => one.alert === alert).flatMap(({ firing }) => Object.values(firing))
    if (alert !== undefined) assert.ok(counts.some((n) => n > 0) && counts.some((n) => n === 0), alert)
    else if (!record?.startsWith('wattledger:limit')) assert.ok(RECORDING_CASES.some((one) => one.record === record))
  }
})

describe('the rules', () => {
  for (const [what, program, skip] of [
    ['of Debian', () => 'promtool', missing('promtool')],
    ['of Prometheus 3', () => PROMTOOL_3.file(), PROMTOOL_3.missing],
  ] as const) {
    test(`promtool ${what} takes the files, and each rule does what it says`, { skip, timeout: TIMEOUT_MS }, () => {
      run(program(), 'check', 'config', join(CONFIG, 'prometheus.yml'))
      run(program(), 'check', 'rules', ...ruleFiles())
      for (const [interval, tests] of BY_INTERVAL) {
        using limited = new RuleFolder(withLimits, interval)
        run(program(), 'test', 'rules', limited.write(tests, 'promql'))
      }
      using shipped = new RuleFolder((text) => text)
      run(program(), 'test', 'rules', shipped.write([sound], 'promql'))
    })
  }

  test('VictoriaMetrics does the same by them', { skip: VMALERT_TOOL.missing, timeout: TIMEOUT_MS }, () => {
    for (const [interval, tests] of BY_INTERVAL) {
      using limited = new RuleFolder(withLimits, interval)
      run(VMALERT_TOOL.file(), 'unittest', '--files', limited.write(tests, 'metricsql'))
    }
  })

  test('each query that a runbook names is one', { skip: missing('promtool') }, () => {
    const page = readFileSync(join(CONFIG, '../../docs/runbooks.md'), 'utf8')
    const queries = [...page.matchAll(/`([^`]*wattledger[_:][^`]*)`/g)].map(([, query = '']) => query)
    assert.ok(queries.length > 20)
    using folder = new RuleFolder((text) => text)
    run('promtool', 'check', 'rules', folder.queries(queries))
  })

  test('a wrong expectation fails, so that the silence means something', { skip: missing('promtool') }, () => {
    using folder = new RuleFolder(withLimits)
    const wrong = { ...sound, expects: [{ expr: firing(''), atMin: 60, gives: { '{}': 1 } }] }
    assert.throws(() => run('promtool', 'test', 'rules', folder.write([wrong], 'promql')), /got:/)
  })
})
