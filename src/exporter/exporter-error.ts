/** `LISTEN_FAILED`: the address cannot be served. */
export type ExporterErrorCode = 'LISTEN_FAILED'

/** Why the exporter does not start. The code is stable; the message, of one line, tells a person what to do. */
export class ExporterError extends Error {
  readonly code: ExporterErrorCode

  constructor(code: ExporterErrorCode, message: string, options?: ErrorOptions) {
    // It may quote a file's text or a path; nothing in it may pass for another line of the log.
    super(message.replaceAll(/\p{Cc}+/gu, ' '), options)
    this.name = 'ExporterError'
    this.code = code
  }
}
