/** Debian: prometheus; and Go 1.26 or later for VictoriaMetrics */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Dashboard, Panel } from '@grafana/schema'
import type { PrometheusQuery } from '../../scripts/dashboards/panel.ts'
import { DASHBOARDS } from '../../scripts/dashboards.ts'
import { Exporter } from '../../src/exporter/exporter.ts'
import { renderExposition } from '../../src/exporter/exposition.ts'
import { familiesOf } from '../../src/exporter/metric.ts'
import { SNAPSHOT_METRICS } from '../../src/exporter/metrics.ts'
import type { SettledTotal } from '../../src/model/attribution.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import { exporterOptions, NEVER } from '../exporter/served.ts'
import { acpiPowerMeter7 } from '../fixtures/machines/hwmon.ts'
import { NvmlMachine } from '../fixtures/nvml/machine.ts'
import { freePort } from '../lab/free-port.ts'
import { InferenceServer } from '../workloads/inference-server.ts'
import { Host, sumOf } from './agent.ts'
import { bare } from './bare.ts'
import { xeonPair } from './machines.ts'
import { missing, Prometheus } from './prometheus.ts'
import { missing as noVictoriaMetrics, VictoriaMetrics } from './victoria-metrics.ts'

/** A machine whose every figure has a source. */
const CONFIG = {
  node: { name: 'db-17', labels: { rack: 'r12' } },
  carbon: {
    zone: 'DE',
    pue: 1.2,
    embodied: { total_kg: 1313, source: 'study', lifetime_years: 5 },
    market: {
      source: 'contracts',
      contracts: [
        {
          name: 'wind',
          instrument: 'ppa',
          share: 0.5,
          g_per_kwh: 0,
          basis: 'direct',
          from: '2020-01-01',
          to: '2100-01-01',
        },
      ],
    },
  },
}

interface Asked {
  readonly panel: string
  readonly expr: string
}

/** Every query of a dashboard as Grafana asks it, with the choices made and scrapes every second. */
function queriesOf({ panels = [] }: Dashboard, instance: string): readonly Asked[] {
  return panels
    .filter((panel): panel is Panel => 'targets' in panel)
    .flatMap(({ title = '', targets = [] }) =>
      (targets as unknown as PrometheusQuery[]).map(({ expr }) => ({
        panel: title,
        expr: expr
          .replaceAll('$__rate_interval', '8s')
          .replaceAll('$__range', '1m')
          .replaceAll('$instance', instance)
          .replaceAll('$tenant', '.+'),
      })),
    )
}

/** A machine that is shared, after so many seconds: what each tenant has grows evenly, and an hour closes after ten. */
function sharedMachine(seconds: number): Snapshot {
  const { attribution, settled } = A_SNAPSHOT
  assert.ok(attribution && settled)
  const more = BigInt(Math.round(seconds * 1e6))
  const grown = <T extends { readonly idleUj: bigint; readonly dynamicUj: bigint }>(one: T): T => ({
    ...one,
    idleUj: one.idleUj + 10n * more,
    dynamicUj: one.dynamicUj + 20n * more,
  })
  const closed = (total: SettledTotal): SettledTotal => {
    if (seconds < 10) return total
    const { location } = total.co2eUg
    const booked = { ...location, 'life-cycle': location['life-cycle'] + 40_000_000n }
    return { ...total, energyUj: total.energyUj + 360_000_000_000n, co2eUg: { ...total.co2eUg, location: booked } }
  }
  return {
    ...A_SNAPSHOT,
    attribution: {
      ...attribution,
      consumers: attribution.consumers.map(grown),
      tenants: attribution.tenants.map(grown),
      accelerators:
        attribution.accelerators?.map((one) => ({
          ...one,
          reservedIdleNs: one.reservedIdleNs + BigInt(Math.round(seconds * 5e8)),
        })) ?? [],
    },
    settled: {
      ...settled,
      node: closed(settled.node),
      tenants: new Map([...settled.tenants].map(([name, total]) => [name, closed(total)])),
    },
  }
}

/** Waits until a query has an answer, and fails with its name when it has none for long. */
async function answered(prometheus: Prometheus, { panel, expr }: Asked): Promise<void> {
  const untilMs = performance.now() + 120_000
  for (;;) {
    const series = await prometheus.query(expr)
    if (series.some(({ value }) => Number.isFinite(Number(value[1])))) return
    if (performance.now() > untilMs) assert.fail(`${panel} is empty: ${expr}\n${JSON.stringify(series)}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** A scrape with its time, as VictoriaMetrics imports it. */
function timed(scrape: string, instance: string, unixMs: number): string {
  const lines = scrape.split('\n').filter((line) => line.startsWith('wattledger_'))
  return lines
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      return `${name}{${[`instance="${instance}"`, ...(labels === '' ? [] : [labels])].join()}} ${value} ${unixMs}\n`
    })
    .join('')
}

async function assertAnswers(engine: VictoriaMetrics, queries: readonly Asked[], atS: number): Promise<void> {
  for (const { panel, expr } of queries) {
    const count = await engine.value(`count(${expr})`, atS)
    assert.ok(count >= 1, `${panel} is empty: ${expr}`)
  }
}

describe('no panel is empty', { concurrency: true }, () => {
  test('of a machine and of its carbon, with a real agent', {
    skip: missing('prometheus'),
    timeout: 900_000,
  }, async () => {
    using gpus = await NvmlMachine.create({ control: ['gpus 1', 'gpu 0 rate-mw 60000'] })
    await using server = await InferenceServer.start('vllm', Date.now() / 1e3 - 60)
    const beganMs = performance.now()
    let served = 0
    server.answer = (_, response) => {
      const due = Math.floor((performance.now() - beganMs) / 50)
      server.serve(due - served)
      served = due
      server.show(response)
    }
    const workloads = [
      { name: 'chat', url: server.url, preset: 'vllm', boundary: 'machine', interval: '1s', windows: ['10s'] },
    ]
    const sensors = { nvml: { library: gpus.library }, hwmon: { interval: '1s' } }
    await using host = new Host({ ...bare, ...xeonPair, ...acpiPowerMeter7 }, { ...CONFIG, sensors, workloads })
    mkdirSync(join(host.root, 'sys/firmware/dmi/tables'), { recursive: true })
    const agent = await host.start()
    await agent.scrapeUntil((all) => sumOf(all, 'wattledger_node_energy_joules_total') > 0)
    const instance = new URL(await agent.ready()).host
    const job = { job_name: 'wattledger', static_configs: [{ targets: [instance] }] }
    await using prometheus = new Prometheus(await freePort('tcp'), [job])
    await prometheus.ready()
    const scraping: Promise<readonly [text: string, unixMs: number]>[] = []
    {
      const scrape = async () => [await agent.get('/metrics'), Date.now()] as const
      using _ = setInterval(() => scraping.push(scrape()), 1_000)
      // A piece of hardware whose time is unknown is what its panel is for.
      host.lose('intel-rapl:1')
      for (const name of ['node.json', 'carbon.json']) {
        for (const query of queriesOf(DASHBOARDS[name] as Dashboard, instance)) await answered(prometheus, query)
      }
    }
    const scrapes = await Promise.all(scraping)
    if (noVictoriaMetrics === false) {
      await using engine = new VictoriaMetrics(await freePort('tcp'))
      await engine.import(scrapes.map(([text, unixMs]) => timed(text, instance, unixMs)).join(''))
      const lastS = (scrapes.at(-1)?.[1] ?? 0) / 1e3
      for (const name of ['node.json', 'carbon.json']) {
        await assertAnswers(engine, queriesOf(DASHBOARDS[name] as Dashboard, instance), lastS)
      }
    }
    assert.equal(await agent.stop(), 0, agent.stderr)
  })

  test('of tenants, with the exporter of a machine that is shared', {
    skip: missing('prometheus'),
    timeout: 900_000,
  }, async () => {
    const beganMs = performance.now()
    const snapshot = () => sharedMachine((performance.now() - beganMs) / 1e3)
    const exporter = new Exporter(exporterOptions({ snapshot }))
    await exporter.start(NEVER)
    try {
      const job = { job_name: 'wattledger', static_configs: [{ targets: [new URL(exporter.address).host] }] }
      await using prometheus = new Prometheus(await freePort('tcp'), [job])
      await prometheus.ready()
      for (const query of queriesOf(DASHBOARDS['tenants.json'] as Dashboard, '.+')) await answered(prometheus, query)
    } finally {
      await exporter.stop(AbortSignal.timeout(2_000))
    }
  })

  test('of tenants in VictoriaMetrics, with the same queries', {
    skip: noVictoriaMetrics,
    timeout: 1_200_000,
  }, async () => {
    await using engine = new VictoriaMetrics(await freePort('tcp'))
    const beganS = Math.floor(Date.now() / 1e3) - 30
    const lines: string[] = []
    for (let second = 0; second <= 30; second++) {
      const text = await renderExposition(familiesOf(SNAPSHOT_METRICS, sharedMachine(second)), 'text')
      lines.push(timed(text, 'a', (beganS + second) * 1e3))
    }
    await engine.import(lines.join(''))
    await assertAnswers(engine, queriesOf(DASHBOARDS['tenants.json'] as Dashboard, '.+'), beganS + 30)
  })
})
