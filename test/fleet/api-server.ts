import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostSamples, type MadeSite, meterSamples, type Sample } from './a-fleet.ts'

/** What a request is answered with instead. Null: the truth. */
export type Fault = (query: string, unixMs: number, count: number) => 'hang' | 'cut' | number | object | null

/** A series of an answer. */
export interface Told {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

/** Speaks as much of the API of Prometheus as the fleet asks for, of a site that is made up; ends with its scope. */
export class ApiServer implements AsyncDisposable {
  readonly asked: string[] = []
  readonly headers: string[] = []
  fault: Fault = () => null
  /** What is told instead of a series. */
  lie: (series: Told, unixMs: number) => readonly Told[] = (series) => [series]
  readonly #server: Server
  readonly #site: MadeSite
  readonly #meter: ((series: string, samples: [number, number][]) => [number, number][]) | undefined

  private constructor(site: MadeSite, meter?: (series: string, samples: [number, number][]) => [number, number][]) {
    this.#site = site
    this.#meter = meter
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      this.headers.push(request.headers.authorization ?? '')
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => this.#answer(new URLSearchParams(Buffer.concat(chunks).toString()), response))
    })
  }

  static async start(
    site: MadeSite,
    meter?: (series: string, samples: [number, number][]) => [number, number][],
  ): Promise<ApiServer> {
    const server = new ApiServer(site, meter)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(form: URLSearchParams, response: ServerResponse): void {
    const query = form.get('query') ?? ''
    const unixMs = Number(form.get('time')) * 1e3
    this.asked.push(query)
    const fault = this.fault(query, unixMs, this.asked.length)
    if (fault === 'hang') return
    if (typeof fault === 'number') {
      response.writeHead(fault).end('{"status":"error"}')
      return
    }
    const whole = JSON.stringify({ status: 'success', data: this.#data(query, unixMs), ...(fault as object | null) })
    if (fault === 'cut') {
      response.writeHead(200, { 'content-length': whole.length })
      response.write(whole.slice(0, whole.length / 2))
      response.destroy()
      return
    }
    response.end(whole)
  }

  #data(query: string, unixMs: number): object {
    const range = /^(.+)\[(\d+)s\]$/.exec(query)
    if (range !== null) {
      const [, series = '', seconds] = range
      const samples = meterSamples(this.#site, series, unixMs - Number(seconds) * 1e3, unixMs)
      const shown = this.#meter?.(series, samples) ?? samples
      const values = shown.map(([at, value]) => [at / 1e3, String(value)] as const)
      const told: Told[] = values.length === 0 ? [] : [{ metric: { meter: series }, values }]
      return { resultType: 'matrix', result: told.flatMap((one) => this.lie(one, unixMs)) }
    }
    const names = new RegExp(`^(?:${/__name__=~"([^"]+)"/.exec(query)?.[1] ?? ''})$`)
    const all = hostSamples(this.#site, unixMs)
    const samples = query.startsWith('sum without (part)') ? statesOf(all) : all.filter(({ name }) => names.test(name))
    const result = samples
      .map((sample) => ({ metric: metricOf(sample), value: [unixMs / 1e3, String(sample.value)] }) as const)
      .flatMap((one) => this.lie(one, unixMs))
    return { resultType: 'vector', result }
  }
}

/** As `sum without (part)` of chips has them, and of all parts and states by the state `all`. */
function statesOf(samples: readonly Sample[]): Sample[] {
  const sums = new Map<string, Sample>()
  for (const { name, labels, value } of samples) {
    if (name !== 'wattledger_node_part_state_energy_joules_total') continue
    const { part, state = '', ...target } = labels
    for (const one of part === 'rest' ? ['all'] : ['all', state]) {
      const key = JSON.stringify([one, target])
      sums.set(key, { name: '', labels: { ...target, state: one }, value: (sums.get(key)?.value ?? 0) + value })
    }
  }
  return [...sums.values()]
}

function metricOf({ name, labels }: Sample): Told['metric'] {
  return {
    ...(name !== '' && { __name__: name }),
    ...Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')),
  }
}
