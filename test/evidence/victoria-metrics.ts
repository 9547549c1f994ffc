import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GoProgram } from './go-program.ts'

const MODULE = 'github.com/VictoriaMetrics/VictoriaMetrics/app'
const VERSION = 'v1.143.0'
const SERVER = new GoProgram(`${MODULE}/victoria-metrics`, VERSION)
/** Runs unit tests of rules. */
export const VMALERT_TOOL = new GoProgram(`${MODULE}/vmalert-tool`, VERSION)

export const missing = SERVER.missing

/** A real VictoriaMetrics with the samples of an exposition with times, which ends with its scope. */
export class VictoriaMetrics implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'wattledger-victoria-metrics-'))
  readonly url: string
  readonly #process
  readonly #ended: Promise<unknown>
  #isOver = false

  constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`
    const flags = [
      `-storageDataPath=${this.#directory}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=100y',
      '-memory.allowedPercent=5',
    ]
    this.#process = spawn(SERVER.file(), flags, { stdio: 'ignore' })
    this.#ended = once(this.#process, 'exit').then(() => {
      this.#isOver = true
    })
  }

  /** Lines of the text format, with times in milliseconds. */
  async import(text: string): Promise<void> {
    while (!(await this.#ask('health'))?.ok) {
      if (this.#isOver) throw new Error('VictoriaMetrics ended before it was ready')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const taken = await this.#ask('api/v1/import/prometheus', { method: 'POST', body: text })
    if (!taken?.ok) throw new Error(`VictoriaMetrics took no samples: ${taken?.status}`)
    await this.#ask('internal/force_flush')
  }

  /** On disk, once what was imported is merged. */
  async storedBytes(): Promise<number> {
    await this.#ask('internal/force_merge')
    const text = (await (await this.#ask('metrics'))?.text()) ?? ''
    return [...text.matchAll(/^vm_data_size_bytes\{.*\} (\S+)$/gm)].reduce((sum, [, bytes]) => sum + Number(bytes), 0)
  }

  /** The value of the one series that a query gives. */
  async value(promql: string, atS: number): Promise<number> {
    const answer = await this.#ask(`api/v1/query?query=${encodeURIComponent(promql)}&time=${atS}&nocache=1`)
    if (answer === null) throw new Error('VictoriaMetrics does not answer')
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
    return Number(data.result.length === 1 ? data.result[0]?.value[1] : Number.NaN)
  }

  #ask(path: string, init?: RequestInit): Promise<Response | null> {
    return fetch(`${this.url}/${path}`, init).catch(() => null)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.#ended
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
