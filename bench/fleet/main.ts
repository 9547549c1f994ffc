/**
 * `npm run bench:fleet -- 100 500 2000`: a fleet of simulated agents against a real Prometheus and then a real VictoriaMetrics, one at a
 * time, so that neither costs the other.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, PrometheusServer, VictoriaServer } from './engines.ts'
import { type History, writeHistory } from './history.ts'

/** vmalert sees what a rule recorded only a minute later, and rules stand on rules five deep. */
const WARM_UP_MS = 330_000
const MEASURED_MS = 60_000
const HISTORY_MS = 62 * 60_000

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

async function measure(engine: Engine, hosts: number): Promise<string> {
  await sleep(WARM_UP_MS)
  const before = await engine.readings()
  await sleep(MEASURED_MS)
  const after = await engine.readings()
  const perS = (of: 'cpuS' | 'samples') => (after[of] - before[of]) / (MEASURED_MS / 1e3)
  let ruleS = await engine.ruleS()
  for (; ruleS === null; ruleS = await engine.ruleS()) await sleep(1_000)
  const check = await ask(engine, 'sum(campus:wattledger_fleet_hosts:count) by (state)')
  const cells = [
    hosts,
    engine.name,
    Math.round(perS('samples')),
    (perS('cpuS') * 100).toFixed(0),
    Math.round(after.residentMb),
    ruleS.toFixed(2),
    check,
  ]
  return `| ${cells.join(' | ')} |`
}

async function ask(engine: Engine, query: string): Promise<string> {
  const answer = await fetch(`${engine.url}/api/v1/query?query=${encodeURIComponent(query)}`)
  const { data } = (await answer.json()) as {
    data: { result: { metric: { state: string }; value: [number, string] }[] }
  }
  return data.result
    .map(({ metric, value }) => `${metric.state} ${value[1]}`)
    .sort()
    .join(', ')
}

/** Starts an engine with so many hosts and the last hour of their history. */
type Start = (hosts: number, simulator: string, history: History) => Promise<Engine>

const STARTS: readonly Start[] = [
  (hosts, simulator, { openmetrics }) => new PrometheusServer().start(hosts, simulator, openmetrics),
  (hosts, simulator, { text }) => new VictoriaServer().start(hosts, simulator, text),
]

async function rowOf(hosts: number, start: Start): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-history-'))
  const bornUnixMs = Math.floor((Date.now() - HISTORY_MS) / 60_000) * 60_000
  const simulator = spawn(process.execPath, [join(import.meta.dirname, 'serve.ts'), `${hosts}`, `${bornUnixMs}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const [port] = (await once(simulator.stdout, 'data')) as [Buffer]
    const address = `127.0.0.1:${String(port).trim()}`
    const all = Array.from({ length: hosts }, (_, index) => index)
    const span = { fromUnixMs: bornUnixMs, untilUnixMs: Date.now(), stepMs: 2 * 60_000 }
    const history = await writeHistory(folder, { hosts: all, ...span, onlyForRules: true })
    await using engine = await start(hosts, address, history)
    return await measure(engine, hosts)
  } finally {
    simulator.stdin.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

console.log('| hosts | engine | samples/s | CPU, % of a core | resident MB | rules, s | hosts found |')
console.log('|---|---|---|---|---|---|---|')
for (const hosts of process.argv.slice(2).map(Number)) {
  for (const start of STARTS) console.log(await rowOf(hosts, start))
}
