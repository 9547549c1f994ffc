import type { Config } from '../config/loader.ts'
import { JsonLogger } from './json-log.ts'

/** JSON lines for programs (systemd's journal, a pipe), readable lines on a terminal; NO_COLOR is respected. */
export async function createLogger(
  { level, format }: Config['log'],
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
): Promise<JsonLogger> {
  const isPretty = format === 'pretty' || (format === 'auto' && stream.isTTY && env.JOURNAL_STREAM === undefined)
  // Whoever read the log may go; the daemon stays.
  stream.on('error', () => {})
  return new JsonLogger(level, isPretty ? await readable(stream, env) : stream)
}

/** Only who looks at a terminal pays for it: 3 MB. */
async function readable(
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
): Promise<Pick<NodeJS.WritableStream, 'write'>> {
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
