/** What the parts log with. `event` is a lower_snake name that programs may match. */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export interface LogFields {
  readonly event: string
  readonly [key: string]: unknown
}

/** For checks, which say what they have to say themselves. */
export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} }
