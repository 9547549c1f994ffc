import { type DestinationStream, pino } from 'pino'
import type { Config } from '../config/loader.ts'
import type { Logger } from '../model/logger.ts'
import { masked } from '../model/secrets.ts'

export interface AgentLogger extends Logger {
  level: string
}

/** JSON lines for programs (systemd's journal, a pipe), readable lines on a terminal; NO_COLOR is respected. */
export async function createLogger(
  { level, format }: Config['log'],
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
): Promise<AgentLogger> {
  const isPretty = format === 'pretty' || (format === 'auto' && stream.isTTY && env.JOURNAL_STREAM === undefined)
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    hooks: { streamWrite: masked },
  }
  // Whoever read the log may go; the daemon stays.
  stream.on('error', () => {})
  const destination = isPretty ? await readable(stream, env) : stream
  const logger: AgentLogger = pino(options, destination)
  return logger
}

/** Only who looks at a terminal pays for it: 3 MB. */
async function readable(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty')
  return pretty({
    sync: true,
    colorize: stream.isTTY && !env.NO_COLOR,
    destination: stream,
    messageKey: 'message',
    hideObject: true,
    translateTime: 'SYS:HH:MM:ss',
  })
}
