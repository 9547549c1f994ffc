import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amortisedUg } from '../../src/carbon/embodied/amortisation.ts'
import { familiesOf } from '../../src/exporter/metric.ts'
import { WORKLOAD_METRICS } from '../../src/exporter/workload-metrics.ts'
import type { WorkloadSnapshot } from '../../src/model/workload.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import { constant, wholeMeter } from '../integration/account-rig.ts'
import { InferenceServer } from './inference-server.ts'
import { scene } from './scene.ts'

/** What a scrape shows of a workload: `joules_per_unit request 5m` → value. */
function shownOf(workload: WorkloadSnapshot): ReadonlyMap<string, number> {
  const families = familiesOf(WORKLOAD_METRICS, { ...A_SNAPSHOT, workloads: [workload] })
  return new Map(
    families.flatMap(({ name, series }) =>
      series.map(({ labels: { workload: _, boundary: __, ...labels }, value }) => [
        [name.replace('wattledger_workload_', ''), ...Object.values(labels)].join(' '),
        value,
      ]),
    ),
  )
}

test("the specification's score, by hand", async () => {
  await using server = await InferenceServer.start()
  // 1,000 kg over four years, as in the specification's example.
  const made = { totalUg: 10n ** 12n, lifetimeMs: 4 * 8_760 * 3_600_000, startsUnixMs: null }
  const embodiedUg = (from: number, to: number) => amortisedUg(made, from, to)
  const config = { url: server.url, preset: 'vllm', windows: ['10m'] }
  const one = scene([wholeMeter('ac_in', constant(500))], config, { embodiedUg })
  await one.live(605, () => server.serve(1))
  one.rig.passes(10)
  const shown = shownOf(one.shown)
  // 500 W · 600 s at a PUE of 1.25, 375 kJ, for 600 requests.
  assert.equal(shown.get('joules_per_unit request 10m'), 625)
  assert.equal(shown.get('joules_per_unit output_token 10m'), 625 / 3)
  // E · I: 0.104167 kWh at 400 g/kWh are 41.6667 g. M: 10⁶ g · 600 s / 126,144,000 s are 4.7565 g. R: 600.
  const near = (name: string, expected: number) => {
    const value = shown.get(name) ?? Number.NaN
    assert.ok(Math.abs(value / expected - 1) < 1e-5, `${name}: ${value}, expected ${expected}`)
  }
  near('grams_per_unit request 10m life-cycle', 41.6667 / 600)
  near('sci_grams request 10m life-cycle', (41.6667 + 4.7565) / 600)
  near('sci_grams output_token 10m life-cycle', (41.6667 + 4.7565) / 1_800)
  near('co2e_grams_total 2 location life-cycle', 41.6667)
  near('co2e_grams_total 3 embodied life-cycle', 4.7565)
})

test('windows roll: each forgets what is older, and shows nothing where no unit was counted', async () => {
  await using server = await InferenceServer.start()
  const config = { url: server.url, preset: 'vllm', boundary: 'machine', windows: ['10s', '60s', '5m'] }
  const one = scene([wholeMeter('ac_in', constant(500))], config)
  const requests = () => [...shownOf(one.shown)].filter(([name]) => name.startsWith('joules_per_unit request'))
  await one.live(65, () => server.serve(10))
  assert.deepEqual(requests(), [
    ['joules_per_unit request 10s', 50],
    ['joules_per_unit request 1m', 50],
    ['joules_per_unit request 5m', 50],
  ])
  // Nobody asks any more: the energy of idling is that of the requests of the same window.
  await one.live(30)
  const [[name, joules] = ['', 0], whole] = requests()
  assert.equal(name, 'joules_per_unit request 1m')
  assert.ok(joules > 75 && joules < 110, `${joules} J`)
  // 600 requests in the first minute of energy, and half a minute less what is not settled.
  assert.ok(whole !== undefined && whole[1] > 65 && whole[1] < 76, `${whole?.[1]} J`)
  await one.live(60)
  assert.deepEqual(
    requests().map(([name]) => name),
    ['joules_per_unit request 5m'],
  )
  await one.live(300)
  assert.deepEqual(requests(), [])
  assert.equal(one.shown.total.units.request, 600)
})

const TOTAL = {
  units: { request: 4 },
  energyUj: { measured: 5_000_000n, estimated: 3_000_000n },
  locationNg: { direct: 2_000_000_000n },
  embodiedNg: 0n,
}

function withWindow(total: object): ReadonlyMap<string, number> {
  const [workload] = A_SNAPSHOT.workloads
  assert.ok(workload)
  return shownOf({ ...workload, total: TOTAL, windows: [{ window: '5m', total: { ...TOTAL, ...total } }] })
}

test('what is not known is absent', () => {
  const of = (total: object) => [...withWindow(total).keys()].filter((name) => name.includes('5m'))
  assert.deepEqual(of({}), [
    'joules_per_unit request 5m',
    'grams_per_unit request 5m direct',
    'sci_grams request 5m direct',
  ])
  // A score without its M would be another figure.
  assert.deepEqual(of({ embodiedNg: null }), ['joules_per_unit request 5m', 'grams_per_unit request 5m direct'])
  // Figures of two bases have no sum.
  assert.deepEqual(of({ locationNg: { direct: 1n, 'life-cycle': 1n } }), ['joules_per_unit request 5m'])
  assert.equal(withWindow({}).get('joules_per_unit request 5m'), 2)
  assert.deepEqual(of({ units: { request: 0 } }), [])
  assert.deepEqual(of({ units: {} }), [])
})
