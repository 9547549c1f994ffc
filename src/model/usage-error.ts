/** A program was asked in a way that makes no sense. The message is for people and names the option. */
export class UsageError extends Error {
  readonly code = 'USAGE'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UsageError'
  }
}
