/** Debian: prometheus; and Go 1.26 or later for VictoriaMetrics */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exporter } from '../../src/exporter/exporter.ts'
import { renderExposition } from '../../src/exporter/exposition.ts'
import { familiesOf } from '../../src/exporter/metric.ts'
import { SETTLED_METRICS } from '../../src/exporter/settled-metrics.ts'
import type { Settled } from '../../src/model/attribution.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import { exporterOptions, NEVER } from '../exporter/served.ts'
import { freePort } from '../lab/free-port.ts'
import { missing, Prometheus } from './prometheus.ts'
import { missing as noVictoriaMetrics, VictoriaMetrics } from './victoria-metrics.ts'

const ENERGY = 'wattledger_settled_energy_joules_total'
const HOURS = 5
/** The ledger closes an hour when its last energy has come. */
const CLOSED_AFTER_MS = 95_000
const FIRST_UNIX_MS = Date.UTC(2026, 2, 1)

interface Tenant {
  readonly name: string
  /** What the ledger has of each hour. */
  readonly hoursUj: readonly bigint[]
}

/** Tenants of a machine that has counted `beforeUj` already: one has bursts, one little, one nothing in most hours. */
function tenants(beforeUj: bigint): Tenant[] {
  return [
    { name: 'web', hoursUj: [beforeUj, 3_600_000_000_001n, 7_201_999_999n, 999_999n, 4_321_098_765_432n, 1n] },
    { name: 'batch', hoursUj: [beforeUj / 3n, 123_456_789n, 0n, 9_999_999_999_999n, 0n, 31_415_926_535n] },
  ]
}

/** What the exporter shows at a moment. */
function snapshotAt(unixMs: number, all: readonly Tenant[]): Snapshot {
  const closed = Math.floor((unixMs - CLOSED_AFTER_MS - FIRST_UNIX_MS) / HOUR_MS)
  const { settled } = A_SNAPSHOT
  assert.ok(settled)
  const total = (hoursUj: readonly bigint[]) => hoursUj.slice(0, closed + 1).reduce((sum, hourUj) => sum + hourUj, 0n)
  const of = (energyUj: bigint) => ({ ...settled.node, energyUj })
  const shown: Settled = {
    untilUnixMs: FIRST_UNIX_MS + closed * HOUR_MS,
    node: of(all.reduce((sum, { hoursUj }) => sum + total(hoursUj), 0n)),
    tenants: new Map(all.map(({ name, hoursUj }) => [name, of(total(hoursUj))])),
  }
  return { ...A_SNAPSHOT, settled: shown }
}

/** The samples of scrapes at a phase, as lines with their times. */
async function scraped(
  all: readonly Tenant[],
  intervalS: number,
  phaseS: number,
): Promise<[line: string, unixMs: number][]> {
  const lines: [string, number][] = []
  for (let ms = CLOSED_AFTER_MS + phaseS * 1e3; ms < HOURS * HOUR_MS + HOUR_MS; ms += intervalS * 1e3) {
    const unixMs = FIRST_UNIX_MS + ms
    const text = await renderExposition(familiesOf(SETTLED_METRICS, snapshotAt(unixMs, all)), 'text')
    for (const line of text.split('\n').filter((line) => line.startsWith(`${ENERGY}{`))) {
      lines.push([line.replace('{', `{job="${intervalS}s-${phaseS}",`), unixMs])
    }
  }
  return lines
}

const PHASES: readonly (readonly [intervalS: number, phaseS: number])[] = [
  ...[0, 0.001, 3, 7.5, 11, 14.999].map((phaseS) => [15, phaseS] as const),
  ...[0, 0.001, 13, 29.5, 44, 59.999].map((phaseS) => [60, phaseS] as const),
]

type Ask = (promql: string, atS: number) => Promise<number>

/** The greatest error, in µJ, of the differences of two samples an hour apart, each as the engine gives it. */
async function worstErrorUj(all: readonly Tenant[], ask: Ask): Promise<number> {
  const node: Tenant = {
    name: '',
    hoursUj: all[0]?.hoursUj.map((_, hour) => all.reduce((sum, { hoursUj }) => sum + (hoursUj[hour] ?? 0n), 0n)) ?? [],
  }
  let worst = 0
  for (const [intervalS, phaseS] of PHASES) {
    for (const { name, hoursUj } of [node, ...all]) {
      for (let hour = 1; hour <= HOURS; hour++) {
        const series = `${ENERGY}{job="${intervalS}s-${phaseS}",tenant="${name}"}`
        // Anywhere between the first scrape after the hour is closed and the next closing.
        const atS =
          FIRST_UNIX_MS / 1e3 + hour * 3600 + CLOSED_AFTER_MS / 1e3 + intervalS + ((hour * 977 + phaseS * 31) % 3400)
        const joules = await ask(`${series} - ${series} offset 1h`, Math.round(atS))
        const error = Math.abs(Math.round(joules * 1e6) - Number(hoursUj[hour]))
        assert.ok(Number.isFinite(error), `${series} hour ${hour}: ${joules}`)
        worst = Math.max(worst, error)
      }
    }
  }
  return worst
}

test('in Prometheus the difference of two samples is the figure of the ledger, at every phase and interval', {
  skip: missing('prometheus'),
}, async () => {
  for (const [beforeUj, mostErrorUj] of [
    [0n, 0],
    [2_100_000_000_000_000n, 0],
    [1_000_000_000_000_000_000n, 300],
  ] as const) {
    const all = tenants(beforeUj)
    const lines = (await Promise.all(PHASES.map(([intervalS, phaseS]) => scraped(all, intervalS, phaseS)))).flat()
    lines.sort(([, a], [, b]) => a - b)
    const family = ENERGY.replace(/_total$/, '')
    const text = `# TYPE ${family} counter\n${lines.map(([line, unixMs]) => `${line} ${unixMs / 1e3}\n`).join('')}# EOF\n`
    await using prometheus = new Prometheus(await freePort('tcp'), [], text)
    const ask: Ask = async (promql, atS) => Number((await prometheus.query(promql, atS))[0]?.value[1])
    await prometheus.ready()
    const worst = await worstErrorUj(all, ask)
    console.log(`Prometheus, ${beforeUj} uJ before: worst error ${worst} uJ`)
    assert.ok(worst <= mostErrorUj, `${worst} uJ`)
  }
})

test('in VictoriaMetrics too, which keeps fifteen digits', {
  skip: noVictoriaMetrics,
  timeout: 1_200_000,
}, async () => {
  for (const [beforeUj, mostErrorUj] of [
    [0n, 0],
    [600_000_000_000_000n, 0],
    [2_100_000_000_000_000n, 10],
    [1_000_000_000_000_000_000n, 3_000],
  ] as const) {
    const all = tenants(beforeUj)
    const lines = (await Promise.all(PHASES.map(([intervalS, phaseS]) => scraped(all, intervalS, phaseS)))).flat()
    await using engine = new VictoriaMetrics(await freePort('tcp'))
    await engine.import(lines.map(([line, unixMs]) => `${line} ${unixMs}\n`).join(''))
    const worst = await worstErrorUj(all, (promql, atS) => engine.value(promql, atS))
    console.log(`VictoriaMetrics, ${beforeUj} uJ before: worst error ${worst} uJ`)
    assert.ok(worst <= mostErrorUj, `${worst} uJ`)
  }
})

test('scraped by Prometheus from the exporter, an hour that closes is the difference of the samples around it', {
  skip: missing('prometheus'),
}, async () => {
  const all = tenants(2_100_000_000_000_000n)
  let unixMs = FIRST_UNIX_MS + HOUR_MS + CLOSED_AFTER_MS
  const exporter = new Exporter(exporterOptions({ snapshot: () => snapshotAt(unixMs, all) }))
  await exporter.start(NEVER)
  try {
    const job = { job_name: 'node', static_configs: [{ targets: [new URL(exporter.address).host] }] }
    await using prometheus = new Prometheus(await freePort('tcp'), [job])
    const sample = async (): Promise<number> => {
      const [series] = await prometheus.query(`${ENERGY}{tenant="web"}`)
      return Number(series?.value[1])
    }
    const until = async (isThere: (joules: number) => boolean): Promise<number> => {
      for (let joules = await sample(); ; joules = await sample()) {
        if (isThere(joules)) return joules
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    const before = await until((joules) => joules > 0)
    unixMs += HOUR_MS
    const after = await until((joules) => joules > before)
    assert.equal(Math.round((after - before) * 1e6), 7_201_999_999)
  } finally {
    await exporter.stop(AbortSignal.timeout(2_000))
  }
})
