import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { CredentialFiles } from '../io/credential-files.ts'
import type { HttpPost } from '../io/http.ts'
import type { Logger } from '../model/logger.ts'
import type { PushSettings } from './schema.ts'

const compress = promisify(gzip)

export interface ReceiverOptions {
  readonly settings: PushSettings
  readonly post: HttpPost
  readonly logger: Logger
}

/** Where the metrics go: one POST for each push (opentelemetry.io/docs/specs/otlp/#otlphttp). */
export class Receiver {
  readonly #options: ReceiverOptions
  readonly #files: CredentialFiles
  readonly #url: URL

  constructor(options: ReceiverOptions) {
    this.#options = options
    this.#files = new CredentialFiles(options.settings, options.logger)
    this.#url = metricsUrl(options.settings.url)
  }

  /** For people: without path and query, which may hold keys. */
  get place(): string {
    return this.#url.host
  }

  /** Resolves to the answer. Rejects with an HttpError, or with what is wrong with a file. */
  async send(message: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    const { settings, post } = this.#options
    const { headers, tls } = this.#files.read()
    const isPacked = settings.compression === 'gzip'
    const type = { 'content-type': 'application/x-protobuf', ...(isPacked ? { 'content-encoding': 'gzip' } : {}) }
    const body = isPacked ? await compress(message) : message
    return post({ url: this.#url, headers: { ...headers, ...type }, body, ...(tls && { tls }) }, signal)
  }
}

function metricsUrl(text: string): URL {
  const url = new URL(text)
  if (url.pathname === '/') url.pathname = '/v1/metrics'
  return url
}
