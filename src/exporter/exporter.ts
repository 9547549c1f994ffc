import type { Route } from '../io/serve/route.ts'
import type { Health } from '../model/health.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Logger } from '../model/logger.ts'
import type { PushState } from '../model/otlp.ts'
import type { SealHead } from '../model/seal.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { HttpServer } from './http-server.ts'
import { KnownHosts } from './known-hosts.ts'
import { parseListenAddress } from './listen-address.ts'
import { routesOf } from './routes.ts'
import { Scrape } from './scrape.ts'
import { ServedSnapshot } from './served-snapshot.ts'
import { Site } from './site.ts'
import { WatchedWebConfig } from './web-config/watched-web-config.ts'

export interface ExporterOptions {
  /** `web.listen`: `:10910`, `127.0.0.1:0`, `[::1]:9`. */
  readonly listen: string
  /** `web.config_file`: TLS, users, headers and rate limit as of the Prometheus exporter-toolkit. */
  readonly webConfigFile: string | null
  /** `web.hosts`: names under which the page and the API are served besides the machine's own. */
  readonly hosts: readonly string[]
  /** The newest snapshot; null before the first. */
  readonly snapshot: () => Snapshot | null
  /** Reads anew what can be read at once, and makes a newer snapshot of it. */
  readonly renew: () => Promise<void>
  readonly health: () => Health
  /** The newest seal of the ledger. */
  readonly seal?: () => SealHead | null
  /** What became of the metrics that are pushed; null where none are. */
  readonly push?: () => PushState | null
  /** Paths of others, which show what `shown` gives; null before the first reading. */
  readonly routes?: (shown: () => Promise<Snapshot | null>) => ReadonlyMap<string, Route>
  readonly version: string
  readonly logger: Logger
}

/** Serves the newest snapshot over HTTP. A scrape touches neither hardware nor the ledger. */
export class Exporter implements Component {
  readonly name = 'exporter'
  readonly #options: ExporterOptions
  readonly #webConfig: WatchedWebConfig
  readonly #server: HttpServer
  #address: string | undefined

  constructor(options: ExporterOptions) {
    this.#options = options
    this.#webConfig = new WatchedWebConfig(options.webConfigFile, options.logger)
    const nowMs = (): number => performance.now()
    const webConfig = (): ReturnType<WatchedWebConfig['current']> => this.#webConfig.current()
    const scrape = new Scrape({ ...options, nowMs })
    const renew = () => {
      scrape.forget()
      return options.renew()
    }
    const served = new ServedSnapshot({ ...options, renew, nowMs })
    const snapshot = () => served.current()
    const site = new Site({
      routes: routesOf({ ...options, scrape, snapshot, others: options.routes?.(snapshot) ?? new Map() }),
      hosts: new KnownHosts([...options.hosts, parseListenAddress(options.listen).host ?? 'localhost']),
      webConfig,
      nowMs,
      logger: options.logger,
    })
    this.#server = new HttpServer({
      answer: (request, response) => site.answer(request, response),
      webConfig,
      logger: options.logger,
    })
  }

  /** The URL to open. Throws before `start()`. */
  get address(): string {
    if (this.#address === undefined) throw new Error('the exporter has not started')
    return this.#address
  }

  /** Rejects with an ExporterError, or with a ConfigFault of the web configuration file. */
  async start(signal: AbortSignal): Promise<void> {
    const listen = parseListenAddress(this.#options.listen)
    await this.#webConfig.load()
    signal.throwIfAborted()
    this.#address = await this.#server.listen(listen)
    this.#options.logger.info({ event: 'exporter_listening', address: this.#address }, 'serving metrics')
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.#server.close(signal)
    this.#address = undefined
  }
}
