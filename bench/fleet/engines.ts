import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { meterRules } from '../../src/fleet/meter-rules.ts'
import { parseTopology } from '../../src/fleet/read-topology.ts'
import { GoProgram } from '../../test/evidence/go-program.ts'
import { freePort } from '../../test/lab/free-port.ts'
import { topologyOf } from './site.ts'

const VM = 'github.com/VictoriaMetrics/VictoriaMetrics/app'
const VERSION = 'v1.143.0'
const SERVER = new GoProgram(`${VM}/victoria-metrics`, VERSION)
const ALERTER = new GoProgram(`${VM}/vmalert`, VERSION)
const CONFIG = resolve(import.meta.dirname, '../../config/prometheus')

/** What an engine says of itself. */
export interface Readings {
  readonly cpuS: number
  readonly residentMb: number
  readonly samples: number
}

export interface Engine extends AsyncDisposable {
  readonly name: string
  readonly url: string
  readings(): Promise<Readings>
  /** Seconds that the last evaluation of all rules took; null before all were evaluated. */
  ruleS(): Promise<number | null>
}

/** Scrapes each host of a simulator as a target of its own, as it would in a rack. */
function scrapeConfig(hosts: number, simulator: string) {
  const relabel = (source: string, target: string, replacement: string) => ({
    source_labels: [source],
    target_label: target,
    replacement,
  })
  const host = Array.from({ length: hosts }, (_, index) => `host-${index}`)
  return [
    {
      job_name: 'wattledger',
      static_configs: [{ targets: host }],
      relabel_configs: [
        { ...relabel('__address__', '__metrics_path__', '/h/$1'), regex: 'host-(.*)' },
        relabel('__address__', 'instance', '$1'),
        relabel('__address__', '__address__', simulator),
      ],
    },
    { job_name: 'site', metrics_path: '/site', static_configs: [{ targets: [simulator] }] },
  ]
}

abstract class Server implements Engine {
  abstract readonly name: string
  protected readonly folder = mkdtempSync(join(tmpdir(), 'wattledger-fleet-'))
  readonly #processes: ChildProcess[] = []
  url = ''

  protected abstract samplesIn(metrics: ReadonlyMap<string, number>): number
  abstract ruleS(): Promise<number | null>

  async readings(): Promise<Readings> {
    const of = await this.#metrics()
    return {
      cpuS: of.get('process_cpu_seconds_total') ?? Number.NaN,
      residentMb: (of.get('process_resident_memory_bytes') ?? Number.NaN) / 1e6,
      samples: this.samplesIn(of),
    }
  }

  protected configFile(document: unknown): string {
    const file = join(this.folder, 'config.yml')
    writeFileSync(file, stringify(document, { aliasDuplicateObjects: false }))
    return file
  }

  /** Where it is to listen. */
  protected async address(): Promise<string> {
    const address = `127.0.0.1:${await freePort('tcp')}`
    this.url = `http://${address}`
    return address
  }

  protected async run(program: string, args: readonly string[], health: string): Promise<void> {
    this.#processes.push(spawn(program, args, { stdio: 'ignore' }))
    while (!(await fetch(health).catch(() => null))?.ok) await new Promise((done) => setTimeout(done, 100))
  }

  async #metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    return new Map(
      [...text.matchAll(/^([^#\s]\S*) (\S+)$/gm)].map(([, name = '', value = '']) => [name, Number(value)] as const),
    )
  }

  protected async rulesAt(url: string): Promise<number | null> {
    const { data } = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
      data: { groups: { rules: { evaluationTime: number; lastEvaluation: string }[] }[] }
    }
    const rules = data.groups.flatMap(({ rules }) => rules)
    return rules.length === 0 || rules.some(({ lastEvaluation }) => lastEvaluation.startsWith('0001'))
      ? null
      : rules.reduce((sum, { evaluationTime }) => sum + evaluationTime, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#processes) {
      one.kill('SIGTERM')
      if (one.exitCode === null) await once(one, 'exit')
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Of all series of a metric. */
function sumOf(metrics: ReadonlyMap<string, number>, prefix: string): number {
  return [...metrics].reduce((sum, [name, value]) => (name.startsWith(prefix) ? sum + value : sum), 0)
}

function ruleFiles(folder: string, hosts: number): string[] {
  const meters = join(folder, 'meters.yml')
  writeFileSync(meters, meterRules(parseTopology(topologyOf(hosts), 'bench'), Date.now()))
  return ['rules/recording.yml', 'fleet/hosts.yml', 'fleet/levels.yml'].map((name) => join(CONFIG, name)).concat(meters)
}

export class PrometheusServer extends Server {
  readonly name =
    `Prometheus ${/version (\S+)/.exec(execFileSync('prometheus', ['--version'], { encoding: 'utf8' }))?.[1]}`

  /** @param history OpenMetrics */
  async start(hosts: number, simulator: string, history: string): Promise<this> {
    const data = join(this.folder, 'data')
    mkdirSync(data)
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', history, data], { stdio: 'ignore' })
    const config = this.configFile({
      global: { scrape_interval: '15s', evaluation_interval: '1m' },
      rule_files: ruleFiles(this.folder, hosts),
      scrape_configs: scrapeConfig(hosts, simulator),
    })
    const address = await this.address()
    const flags = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${address}`]
    await this.run('prometheus', flags, `${this.url}/-/ready`)
    return this
  }

  protected samplesIn(metrics: ReadonlyMap<string, number>): number {
    return sumOf(metrics, 'prometheus_tsdb_head_samples_appended_total')
  }

  ruleS(): Promise<number | null> {
    return this.rulesAt(this.url)
  }
}

export class VictoriaServer extends Server {
  readonly name = `VictoriaMetrics ${VERSION}`
  #alerter = ''

  /** @param history in the text format */
  async start(hosts: number, simulator: string, history: string): Promise<this> {
    const global = { scrape_interval: '15s' }
    const config = this.configFile({ global, scrape_configs: scrapeConfig(hosts, simulator) })
    const address = await this.address()
    const flags = [
      `-storageDataPath=${this.folder}/data`,
      `-httpListenAddr=${address}`,
      `-promscrape.config=${config}`,
      '-memory.allowedPercent=20',
    ]
    await this.run(SERVER.file(), flags, `${this.url}/health`)
    execFileSync('curl', ['-sfT', history, '-X', 'POST', `${this.url}/api/v1/import/prometheus`])
    const alerter = await freePort('tcp')
    this.#alerter = `http://127.0.0.1:${alerter}`
    const alerting = [
      ...ruleFiles(this.folder, hosts).map((file) => `-rule=${file}`),
      `-datasource.url=${this.url}`,
      `-remoteWrite.url=${this.url}`,
      '-evaluationInterval=1m',
      `-httpListenAddr=127.0.0.1:${alerter}`,
    ]
    await this.run(ALERTER.file(), alerting, `${this.#alerter}/health`)
    return this
  }

  protected samplesIn(metrics: ReadonlyMap<string, number>): number {
    return sumOf(metrics, 'vm_rows_inserted_total{type="promscrape"')
  }

  ruleS(): Promise<number | null> {
    return this.rulesAt(this.#alerter)
  }
}
