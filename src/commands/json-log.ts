import type { LogFields, Logger } from '../model/logger.ts'
import { masked } from '../model/secrets.ts'

/** As pino counts them, which programs that read logs know. */
const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const

export type LogLevel = keyof typeof LEVELS

/** One line of JSON for each message, without secrets. It never throws, whatever it is given. */
export class JsonLogger implements Logger {
  /** The lowest that is logged. */
  level: LogLevel
  readonly #stream: Pick<NodeJS.WritableStream, 'write'>

  constructor(level: LogLevel, stream: Pick<NodeJS.WritableStream, 'write'>) {
    this.level = level
    this.#stream = stream
  }

  debug(fields: LogFields, message: string): void {
    this.#say('debug', fields, message)
  }

  info(fields: LogFields, message: string): void {
    this.#say('info', fields, message)
  }

  warn(fields: LogFields, message: string): void {
    this.#say('warn', fields, message)
  }

  error(fields: LogFields, message: string): void {
    this.#say('error', fields, message)
  }

  #say(level: LogLevel, fields: LogFields, message: string): void {
    if (LEVELS[level] < LEVELS[this.level]) return
    const head = { level: LEVELS[level], time: new Date().toISOString() }
    this.#stream.write(masked(`${textOf(head, fields, message)}\n`))
  }
}

function textOf(head: object, fields: LogFields, message: string): string {
  try {
    return JSON.stringify({ ...head, ...fields, message }, asJson)
  } catch (cause) {
    // Something in it refers to itself.
    return JSON.stringify({ ...head, event: fields.event, unsaid: String(cause), message })
  }
}

/** What JSON has no form for. */
function asJson(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (!(value instanceof Error)) return value
  const chain = causesOf(value)
  const messages = chain.map(({ message }) => message).filter((message) => message !== '')
  const stacks = chain.map(({ stack }) => stack)
  return Object.assign({ type: value.name, message: messages.join(': '), stack: stacks.join('\ncaused by: ') }, value)
}

/** It, and all that it came from. */
function causesOf(error: Error): readonly Error[] {
  const causes: readonly unknown[] = error instanceof AggregateError ? [error.cause, ...error.errors] : [error.cause]
  return [error, ...causes.filter((cause) => cause instanceof Error).flatMap(causesOf)]
}
