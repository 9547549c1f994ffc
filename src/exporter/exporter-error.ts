/** `LISTEN_FAILED`: the address cannot be served. `WEB_CONFIG_INVALID`: the web configuration file cannot be used. */
export type ExporterErrorCode = 'LISTEN_FAILED' | 'WEB_CONFIG_INVALID'

/** Why the exporter does not start. The code is stable; the message tells a person what to do. */
export class ExporterError extends Error {
  readonly code: ExporterErrorCode

  constructor(code: ExporterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ExporterError'
    this.code = code
  }
}
