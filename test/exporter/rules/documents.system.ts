/** Debian: prometheus */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { allOf } from '../../docs/blocks.ts'
import { missing } from '../../evidence/prometheus.ts'
import { always, counts, DAY_MIN, HOUR_MIN, MACHINE, of, type Series } from './series.ts'
import { RuleFolder, type UnitTest } from './unit-test.ts'

const J_PER_DAY = 864_000
const INFO = of('node_info', 'node="db-17",rack="r12"')
const CO2E = of('node_co2e_grams_total', 'scope="2",basis="location",ef_basis="life-cycle"')
const CORRECTION = of('co2e_correction_grams', 'basis="location",ef_basis="life-cycle"')

/** Words of a query, the series that it is asked over, and what it then gives. */
const CASES: readonly (readonly [words: string, series: Series, minute: number, gives: Record<string, number>])[] = [
  [
    'sum by (instance) (increase(wattledger_node_energy_joules_total[1d]))',
    { [of('node_energy_joules_total', 'quality="measured"')]: counts(100, DAY_MIN) },
    DAY_MIN,
    { '{instance="db-17:10910"}': 2.4 },
  ],
  [
    'wattledger_settled_energy_joules_total offset 1d',
    { [of('settled_energy_joules_total', 'tenant="lab"')]: `0x${DAY_MIN} ${J_PER_DAY}x${DAY_MIN}` },
    2 * DAY_MIN,
    { [`{${MACHINE},tenant="lab"}`]: J_PER_DAY / 3.6e6 },
  ],
  [
    'increase(wattledger_node_energy_joules_total[1h])',
    {
      [of('node_energy_joules_total', 'quality="measured"')]: counts(10, 2 * HOUR_MIN),
      [INFO]: always(1, 2 * HOUR_MIN),
    },
    2 * HOUR_MIN,
    { '{rack="r12"}': 36_000 },
  ],
  [
    'wattledger_co2e_correction_grams)',
    { [CO2E]: counts(1), [CORRECTION]: always(-60), [INFO]: always(1) },
    HOUR_MIN,
    { '{rack="r12",ef_basis="life-cycle"}': 3540 },
  ],
  [
    'increase(wattledger_node_co2e_grams_total',
    { [CO2E]: counts(1, DAY_MIN) },
    DAY_MIN,
    { [`{${MACHINE},scope="2",basis="location",ef_basis="life-cycle"}`]: 86_400 },
  ],
  [
    'delta(wattledger_co2e_correction_grams',
    { [CORRECTION]: `0-1x${DAY_MIN}` },
    DAY_MIN,
    { [`{${MACHINE},basis="location",ef_basis="life-cycle"}`]: -DAY_MIN },
  ],
  [
    'wattledger_workload_units_total',
    {
      [of('workload_energy_joules_total', 'workload="chat",boundary="machine",quality="measured"')]: counts(
        40,
        DAY_MIN,
      ),
      [of('workload_energy_joules_total', 'workload="chat",boundary="machine",quality="estimated"')]: counts(
        20,
        DAY_MIN,
      ),
      [of('workload_units_total', 'workload="chat",unit="output_token"')]: counts(10, DAY_MIN),
    },
    DAY_MIN,
    { '{instance="db-17:10910",workload="chat"}': 6 },
  ],
]

test('each query of the documents gives what it says; test/evidence/bills.system.ts has those of bills.md', {
  skip: missing('promtool'),
}, () => {
  const queries = allOf('promql')
    .filter(({ page }) => page !== 'docs/bills.md')
    .flatMap(({ text }) => text.trimEnd().split('\n\n'))
  assert.equal(queries.length, CASES.length)
  const tests: UnitTest[] = CASES.map(([words, series, atMin, gives]) => {
    const [expr, ...more] = queries.filter((query) => query.includes(words))
    assert.ok(expr !== undefined && more.length === 0, words)
    return { name: words, series, expects: [{ expr, atMin, gives }] }
  })
  // The rules beside them need not be evaluated each minute.
  using folder = new RuleFolder((text) => text, '1h')
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', folder.write(tests, 'promql')], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stdout + stderr)
})
