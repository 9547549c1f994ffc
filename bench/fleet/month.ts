/**
 * `node bench/fleet/month.ts 100 500 2000`: what `fleet report` of a month takes, of so many hosts in a real Prometheus and then in a real
 * VictoriaMetrics: once when all of it has to be read, and once more when the fleet's ledger has it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { INFO, LIVE_METRICS, SETTLED_METRICS } from '../../src/fleet/collect/host-states.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { powerW } from './load.ts'
import { type Line, PrometheusStore, type Store, VictoriaStore } from './month-stores.ts'
import { samplesOf, scrapeOf } from './scraped.ts'
import { SimulatedHost } from './simulated-host.ts'
import { metersAt, topologyOf } from './site.ts'

const MONTH = '2026-09'
const FROM_UNIX_MS = Date.UTC(2026, 8, 1)
const HOURS = 30 * 24
const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const READ = new Set<string>([INFO, ...SETTLED_METRICS, ...LIVE_METRICS])
const HOSTS_AT_ONCE = 20
const METER_STEP_MS = 60_000
/** Meters show what they did five minutes long, which is nothing to those who ask. */
const METER_CHANGE_MS = 5 * 60_000
/** Tells on the way out what the process took, in microseconds and KiB. */
const TELL_USAGE = "data:text/javascript,process.on('exit',()=>console.error(JSON.stringify(process.resourceUsage())))"

/** At each edge between two hours, and half an hour later: of a month at 15 s nobody asks for more. */
const TIMES = Array.from({ length: 2 * HOURS + 2 }, (_, n) => FROM_UNIX_MS + (n * HOUR_MS) / 2)

/** What a host told in the month, of what a report asks. */
function linesOf(index: number): Line[] {
  const host = new SimulatedHost(index, FROM_UNIX_MS)
  const scrape = samplesOf(scrapeOf(host, FROM_UNIX_MS, true), `host-${index}`)
  const joules = [1e6]
  for (let hour = 0; hour < HOURS; hour++) {
    joules.push((joules[hour] ?? 0) + 3600 * Math.round(powerW(index, FROM_UNIX_MS + (hour + 0.5) * HOUR_MS)))
  }
  // An hour is closed by its half.
  const settled = TIMES.map((_, n) => (n % 2 === 1 ? (n - 1) / 2 : Math.max(0, n / 2 - 1)))
  return scrape.flatMap(([series, value]) => {
    const metric = metricOf(series)
    const name = metric.__name__ ?? ''
    if (!READ.has(name)) return []
    const valueAt = (hour: number): number => {
      if (name === 'wattledger_settled_until_timestamp_seconds') return (FROM_UNIX_MS + hour * HOUR_MS) / 1e3
      if (name === 'wattledger_settled_energy_joules_total') return joules[hour] ?? 0
      return name.startsWith('wattledger_settled') ? Math.round((joules[hour] ?? 0) / 9_000) : Number(value)
    }
    return { metric, values: settled.map(valueAt), timestamps: TIMES }
  })
}

function metricOf(series: string): Record<string, string> {
  const [, name = '', labels = ''] = /^([^{]+)\{(.*)\}$/.exec(series) ?? []
  const told = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])
  return { __name__: name, ...Object.fromEntries(told) }
}

function meterLines(hosts: number): Line[] {
  const lines = new Map<string, { readonly values: number[]; readonly timestamps: number[] }>()
  const all = Array.from({ length: hosts }, (_, index) => index)
  for (let at = FROM_UNIX_MS; at <= FROM_UNIX_MS + HOURS * HOUR_MS; at += METER_CHANGE_MS) {
    for (const [meter, watts] of metersAt(all.map((index) => powerW(index, at)))) {
      const line = lines.get(meter) ?? { values: [], timestamps: [] }
      lines.set(meter, line)
      for (let step = 0; step < METER_CHANGE_MS; step += METER_STEP_MS) {
        line.values.push(Math.round(watts))
        line.timestamps.push(at + step)
      }
    }
  }
  return [...lines].map(([meter, line]) => ({ metric: { __name__: 'site_power_watts', meter }, ...line }))
}

/** Of one command. Seconds of others' work on the same cores are in the first and not in the second. */
interface Cost {
  readonly s: number
  readonly cpuS: number
  readonly residentMb: number
}

async function report(folder: string, url: string): Promise<Cost> {
  const args = ['fleet', 'report', '--month', MONTH, '--topology', join(folder, 'site.yaml'), '--prometheus', url]
  const startMs = performance.now()
  const child = spawn(process.execPath, [`--import=${TELL_USAGE}`, MAIN, ...args, '--format', 'json'], {
    env: { ...process.env, STATE_DIRECTORY: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  const s = (performance.now() - startMs) / 1e3
  const { about, total } = code === 0 ? JSON.parse(out) : { about: {}, total: {} }
  if (!(total.coveragePct > 99)) throw new Error(`${code} ${JSON.stringify(about)} ${JSON.stringify(total)} ${err}`)
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(err.trim().split('\n').at(-1) ?? '')
  return { s, cpuS: (userCPUTime + systemCPUTime) / 1e6, residentMb: (maxRSS * 1024) / 1e6 }
}

async function monthOf(hosts: number, store: Store): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-month-'))
  try {
    writeFileSync(join(folder, 'site.yaml'), topologyOf(hosts))
    for (let first = 0; first < hosts; first += HOSTS_AT_ONCE) {
      const some = Array.from({ length: Math.min(HOSTS_AT_ONCE, hosts - first) }, (_, n) => first + n)
      await store.put(some.flatMap(linesOf))
    }
    for (const line of meterLines(hosts)) await store.put([line])
    const url = await store.open()
    const [first, again] = [await report(folder, url), await report(folder, url)]
    const ledger = join(folder, 'fleet')
    const bytes = readdirSync(ledger).reduce((sum, name) => sum + statSync(join(ledger, name)).size, 0)
    const costs = [first, again].flatMap(({ s, cpuS, residentMb }) => [s, cpuS, residentMb])
    const shown = [...costs, bytes / 1e6].map((value) => value.toFixed(value < 10 ? 1 : 0))
    return `| ${[hosts, store.name, ...shown].join(' | ')} |`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

console.log(
  '| hosts | engine | first report, s | CPU, s | resident MB | again, s | CPU, s | resident MB | ledger, MB |',
)
console.log('|---|---|---|---|---|---|---|---|---|')
for (const hosts of process.argv.slice(2).map(Number)) {
  for (const create of [() => new PrometheusStore(), () => VictoriaStore.create()]) {
    await using store: Store = await create()
    console.log(await monthOf(hosts, store))
  }
}
