import { pino } from 'pino'
import pretty from 'pino-pretty'
import type { Config } from '../config/loader.ts'
import type { Logger } from '../model/logger.ts'

export interface AgentLogger extends Logger {
  level: string
}

/** JSON lines for programs (systemd's journal, a pipe), readable lines on a terminal; NO_COLOR is respected. */
export function createLogger(
  { level, format }: Config['log'],
  stream: NodeJS.WriteStream & { fd?: number },
  env: NodeJS.ProcessEnv,
): AgentLogger {
  const isPretty = format === 'pretty' || (format === 'auto' && stream.isTTY && env.JOURNAL_STREAM === undefined)
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' }
  if (!isPretty) return pino(options, stream)
  const colorize = stream.isTTY && !env.NO_COLOR
  return pino(
    options,
    pretty({
      sync: true,
      colorize,
      destination: stream,
      messageKey: 'message',
      ignore: 'event',
      hideObject: true,
      translateTime: 'SYS:HH:MM:ss',
    }),
  )
}
