import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { GoProgram } from './go-program.ts'

/** Prometheus 3.16: its newest. Without the discovery of targets it builds in a few minutes. */
export const PROMTOOL_3 = new GoProgram('github.com/prometheus/prometheus/cmd/promtool', 'v0.316.0', 'remove_all_sd')

/** Blocks as long as Prometheus itself merges them to: promtool reads all of the history for each. */
const INTO_BLOCKS = ['tsdb', 'create-blocks-from', 'openmetrics', '--max-block-duration=162h']

/** In CI the packages are there; elsewhere a test that needs one says what it misses. */
export const missing = (program: string): string | false =>
  !process.env.CI && spawnSync(program, ['--version']).error
    ? `${program} is not installed (Debian package prometheus)`
    : false

/** A scrape configuration as in prometheus.yml. */
export interface Job {
  readonly job_name: string
  readonly static_configs: readonly { readonly targets: readonly string[] }[]
  readonly [key: string]: unknown
}

export interface Target {
  readonly health: 'up' | 'down' | 'unknown'
  readonly lastError: string
  readonly labels: { readonly job: string }
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: [number, string]
  readonly values: [number, string][]
}

/** A real Prometheus, which ends with its scope. */
export class Prometheus implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'wattledger-prometheus-'))
  readonly url: string
  readonly #process
  readonly #ended: Promise<unknown>
  #isOver = false

  /**
   * @param jobs each is scraped every second unless it says otherwise
   * @param history OpenMetrics text with the times of samples of the past, or a file of it
   */
  constructor(port: number, jobs: readonly Job[], history: string | { readonly file: string } | null = null) {
    if (history !== null) {
      const file = typeof history === 'string' ? join(this.#directory, 'history') : history.file
      if (typeof history === 'string') writeFileSync(file, history)
      execFileSync('promtool', [...INTO_BLOCKS, file, join(this.#directory, 'data')])
    }
    const config = join(this.#directory, 'prometheus.yml')
    const global = { scrape_interval: '1s', scrape_timeout: '1s' }
    writeFileSync(config, stringify({ global, scrape_configs: jobs }))
    this.url = `http://127.0.0.1:${port}`
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${this.#directory}/data`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
    ]
    this.#process = spawn('prometheus', flags, { stdio: 'ignore' })
    this.#ended = once(this.#process, 'exit').then(() => {
      this.#isOver = true
    })
  }

  async ready(): Promise<void> {
    while ((await this.#get('status/runtimeinfo')) === null) {
      if (this.#isOver) throw new Error('Prometheus ended before it was ready')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async query(promql: string, atS?: number): Promise<Series[]> {
    const time = atS === undefined ? '' : `&time=${atS}`
    return (await this.#get<{ result: Series[] }>(`query?query=${encodeURIComponent(promql)}${time}`))?.result ?? []
  }

  /** At each second, or each `stepS`, from `startS` to `endS`. */
  async queryRange(promql: string, startS: number, endS: number, stepS = 1): Promise<Series[]> {
    const path = `query_range?query=${encodeURIComponent(promql)}&start=${startS}&end=${endS}&step=${stepS}`
    return (await this.#get<{ result: Series[] }>(path))?.result ?? []
  }

  /** Empty until it has started. */
  async targets(): Promise<readonly Target[]> {
    return (await this.#get<{ activeTargets: Target[] }>('targets'))?.activeTargets ?? []
  }

  async #get<Data>(path: string): Promise<Data | null> {
    const response = await fetch(`${this.url}/api/v1/${path}`).catch(() => null)
    return response?.ok ? ((await response.json()) as { data: Data }).data : null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.#ended
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
