import { ConfigFault } from '../../model/config-fault.ts'
import type { Logger } from '../../model/logger.ts'
import { type FileStamps, haveChanged } from './file-stamp.ts'
import type { loadWebConfig, WebConfig } from './load.ts'
import { OPEN_WEB_CONFIG } from './open-web-config.ts'

/**
 * The web configuration in force. Its files are looked at on every use, as the exporter-toolkit does, so that a renewed
 * certificate or a removed user counts at once; they are read again only when one has changed. A change that cannot be
 * used is logged once and leaves the last good configuration in force: certificate and key are rarely replaced together.
 */
export class WatchedWebConfig {
  readonly #path: string | null
  readonly #logger: Logger
  #config: WebConfig = OPEN_WEB_CONFIG
  #stamps: FileStamps = new Map()
  #read: typeof loadWebConfig | null = null

  /** `path` null: open to all, without TLS. */
  constructor(path: string | null, logger: Logger) {
    this.#path = path
    this.#logger = logger
  }

  /** Reads the files for the first time. Rejects with a ConfigFault. */
  async load(): Promise<WebConfig> {
    // Whoever has no such file pays for no schema and no parser.
    if (this.#path !== null) this.#read = (await import('./load.ts')).loadWebConfig
    return this.#load()
  }

  /** Never throws. */
  current(): WebConfig {
    if (!haveChanged(this.#stamps)) return this.#config
    const before = this.#config
    try {
      const after = this.#load()
      this.#logger.info({ event: 'web_config_reloaded', path: this.#path }, 'web configuration read again')
      if (before.tls?.policy.client_auth_type !== after.tls?.policy.client_auth_type) {
        const message = 'a change of TLS itself or of client_auth_type needs a restart'
        this.#logger.warn({ event: 'web_config_needs_restart', path: this.#path }, message)
      }
    } catch (error) {
      const wrong = error instanceof ConfigFault ? error.faults.map(({ text }) => text).join('; ') : String(error)
      this.#logger.error({ event: 'web_config_invalid', path: this.#path }, `${wrong}; the previous one stays in force`)
    }
    return this.#config
  }

  #load(): WebConfig {
    if (this.#path === null || this.#read === null) return this.#config
    this.#stamps = new Map()
    this.#config = this.#read(this.#path, this.#stamps)
    return this.#config
  }
}
