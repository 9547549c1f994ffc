import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Prometheus } from '../../test/evidence/prometheus.ts'
import { VictoriaMetrics } from '../../test/evidence/victoria-metrics.ts'
import { freePort } from '../../test/lab/free-port.ts'

/** The samples of one series, with their times in unix milliseconds. */
export interface Line {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly number[]
  readonly timestamps: readonly number[]
}

/** A real server that is filled with a month first, and answers then. */
export interface Store extends AsyncDisposable {
  readonly name: string
  put(lines: readonly Line[]): Promise<void>
  /** Its address, once all has been put. */
  open(): Promise<string>
}

export class VictoriaStore implements Store {
  readonly name = 'VictoriaMetrics'
  readonly #engine: VictoriaMetrics

  private constructor(port: number) {
    this.#engine = new VictoriaMetrics(port)
  }

  static async create(): Promise<VictoriaStore> {
    const store = new VictoriaStore(await freePort('tcp'))
    await store.#engine.import('')
    return store
  }

  async put(lines: readonly Line[]): Promise<void> {
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const { ok, status } = await fetch(`${this.#engine.url}/api/v1/import`, { method: 'POST', body })
    if (!ok) throw new Error(`VictoriaMetrics took no samples: ${status}`)
  }

  async open(): Promise<string> {
    await fetch(`${this.#engine.url}/internal/force_flush`)
    return this.#engine.url
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#engine[Symbol.asyncDispose]()
  }
}

export class PrometheusStore implements Store {
  readonly name = 'Prometheus'
  readonly #folder = mkdtempSync(join(tmpdir(), 'wattledger-month-history-'))
  readonly #history = createWriteStream(join(this.#folder, 'history.om'))
  #engine: Prometheus | null = null

  async put(lines: readonly Line[]): Promise<void> {
    for (const { metric, values, timestamps } of lines) {
      const { __name__: name, ...labels } = metric
      const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
      const series = `${name}{${pairs.join()}}`
      const text = values.map((value, n) => `${series} ${value} ${(timestamps[n] ?? 0) / 1e3}\n`).join('')
      if (!this.#history.write(text)) await once(this.#history, 'drain')
    }
  }

  async open(): Promise<string> {
    await once(this.#history.end('# EOF\n'), 'finish')
    const file = String(this.#history.path)
    this.#engine = new Prometheus(await freePort('tcp'), [], { file })
    rmSync(file)
    await this.#engine.ready()
    return this.#engine.url
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#history.destroy()
    await this.#engine?.[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
