import { pino } from 'pino'
import type { Config } from '../config/loader.ts'
import type { Logger } from '../model/logger.ts'

export interface AgentLogger extends Logger {
  level: string
}

/** JSON lines for programs (systemd's journal, a pipe), readable lines on a terminal; NO_COLOR is respected. */
export async function createLogger(
  { level, format }: Config['log'],
  stream: NodeJS.WriteStream & { fd?: number },
  env: NodeJS.ProcessEnv,
): Promise<AgentLogger> {
  const isPretty = format === 'pretty' || (format === 'auto' && stream.isTTY && env.JOURNAL_STREAM === undefined)
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' }
  if (!isPretty) return pino(options, stream)
  // Only who looks at a terminal pays for it: 3 MB.
  const { default: pretty } = await import('pino-pretty')
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
