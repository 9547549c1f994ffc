import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How a server shows its counters: labels differ, and not every one says when it began. */
export type Dialect = 'vllm' | 'tgi'

/** A server of language models that is known to the last token. */
export class InferenceServer {
  readonly #server = createServer((request, response) => {
    this.asked.push(request)
    this.answer(request, response)
  })
  readonly asked: IncomingMessage[] = []
  readonly dialect: Dialect
  /** Null: the server does not say when it began. */
  startedUnixS: number | null
  #requests = new Map<string, number>()
  #promptTokens = 0
  #outputTokens = 0
  answer = (_: IncomingMessage, response: ServerResponse): void => this.show(response)

  private constructor(dialect: Dialect, startedUnixS: number | null) {
    this.dialect = dialect
    this.startedUnixS = startedUnixS
  }

  static async start(dialect: Dialect = 'vllm', startedUnixS: number | null = null): Promise<InferenceServer> {
    const one = new InferenceServer(dialect, startedUnixS)
    await new Promise<void>((resolve) => one.#server.listen(0, '127.0.0.1', resolve))
    return one
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/metrics`
  }

  /** Requests of one token in and three out each. */
  serve(requests: number, reason = 'stop'): void {
    this.#requests.set(reason, (this.#requests.get(reason) ?? 0) + requests)
    this.#promptTokens += requests
    this.#outputTokens += 3 * requests
  }

  /** Another process in its place. */
  restart(startedUnixS: number | null): void {
    this.startedUnixS = startedUnixS
    this.#requests = new Map()
    this.#promptTokens = 0
    this.#outputTokens = 0
  }

  show(response: ServerResponse): void {
    const text = this.dialect === 'vllm' ? this.#asVllm() : this.#asTgi()
    // As prometheus_client 0.26 does: in OpenMetrics no name has a colon.
    const isOpen = response.req.headers.accept?.includes('openmetrics')
    response.setHeader('content-type', isOpen ? 'application/openmetrics-text' : 'text/plain; version=0.0.4')
    response.end(isOpen ? `${text.replaceAll('vllm:', 'vllm_')}# EOF\n` : text)
  }

  says(text: string, type = 'text/plain'): void {
    this.answer = (_, response) => void response.setHeader('content-type', type).end(text)
  }

  recovers(): void {
    this.answer = (_, response) => this.show(response)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Two engines of one model, which share the tokens. */
  #asVllm(): string {
    const label = (engine: number) => `engine="${engine}",model_name="meta-llama/Llama-3.1-8B \\"x\\""`
    const perEngine = (name: string, value: number) =>
      [0, 1].map(
        (engine) => `${name}{${label(engine)}} ${engine === 0 ? Math.floor(value / 2) : Math.ceil(value / 2)}.0`,
      )
    return [
      '# HELP python_gc_objects_collected_total Objects collected during gc',
      '# TYPE python_gc_objects_collected_total counter',
      'python_gc_objects_collected_total{generation="0"} 12345.0',
      ...(this.startedUnixS === null ? [] : [`process_start_time_seconds ${this.startedUnixS}`]),
      '# TYPE vllm:prompt_tokens_total counter',
      ...perEngine('vllm:prompt_tokens_total', this.#promptTokens),
      ...perEngine('vllm:generation_tokens_total', this.#outputTokens),
      ...[...this.#requests].map(
        ([reason, count]) => `vllm:request_success_total{${label(0)},finished_reason="${reason}"} ${count}.0`,
      ),
      'vllm:time_to_first_token_seconds_bucket{le="+Inf",engine="0"} 3.0',
      '',
    ].join('\n')
  }

  /** Nothing is there before the first request. */
  #asTgi(): string {
    const requests = [...this.#requests].map(([method, count]) => `tgi_request_success{method="${method}"} ${count}`)
    if (requests.length === 0) return '# TYPE tgi_queue_size gauge\ntgi_queue_size 0\n'
    return [
      ...requests,
      `tgi_request_input_length_sum ${this.#promptTokens}`,
      `tgi_request_generated_tokens_sum ${this.#outputTokens}`,
      `tgi_request_generated_tokens_bucket{le="+Inf"} 7`,
      '',
    ].join('\n\n')
  }
}
