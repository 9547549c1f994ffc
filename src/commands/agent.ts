import { once } from 'node:events'
import type { Environment } from '../config/loader.ts'
import { Daemon } from '../daemon.ts'
import { masked } from '../model/secrets.ts'
import { examine } from './examine.ts'
import { type AgentLogger, createLogger } from './log.ts'
import type { Signals } from './signals.ts'

export interface AgentCommand {
  /** The value of `--config`; null reads the default file if it exists. */
  readonly file: string | null
  readonly env: NodeJS.ProcessEnv & Environment
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly version: string
  readonly signals: Signals
}

const EX_OK = 0
const EX_FAILURE = 1
/** sysexits.h; the unit file names it in RestartPreventExitStatus. */
const EX_CONFIG = 78
/** Of a file that was right when it was checked, a moment before. */
const CONFIG_CODES: ReadonlySet<unknown> = new Set(['CONFIG_INVALID', 'WEB_CONFIG_INVALID'])

/** Runs the daemon until SIGTERM or SIGINT. */
export async function agent(command: AgentCommand): Promise<number> {
  const { env, stderr, signals } = command
  const { config } = examine(command, false)
  if (config === null) {
    stderr.write(`${examine(command, true).faults.join('\n')}\n`)
    return EX_CONFIG
  }
  const logger = await createLogger(config.log, command.stdout, env)
  const stopped = untilStopped(signals.stop, logger)
  const daemon = new Daemon({ config, logger, env, version: command.version })
  try {
    await daemon.start(signals.stop)
    signals.onReload(() => reload(command, daemon, logger))
    await stopped
  } catch (error) {
    if (!signals.stop.aborted) return explain(error, stderr)
  } finally {
    await daemon.stop()
  }
  logger.info({ event: 'stopped' }, 'stopped')
  return EX_OK
}

async function untilStopped(stop: AbortSignal, logger: AgentLogger): Promise<void> {
  if (!stop.aborted) await once(stop, 'abort')
  logger.info({ event: 'stopping', signal: stop.reason }, `stopping on ${stop.reason}`)
}

/** A wrong configuration changes nothing: the reason is logged and the old one stays. */
function reload(command: AgentCommand, daemon: Daemon, logger: AgentLogger): void {
  try {
    const { config, faults } = examine(command, false)
    if (config === null) throw new Error(faults.join('\n'))
    logger.level = config.log.level
    daemon.reload(config)
  } catch (error) {
    logger.error({ event: 'reload_refused' }, error instanceof Error ? error.message : String(error))
  }
}

/** Errors with a code are for people: one line. Anything else is a bug and shows its stack. */
function explain(error: unknown, stderr: NodeJS.WriteStream): number {
  const reason = error instanceof AggregateError ? error.cause : error
  const isExpected = reason instanceof Error && 'code' in reason
  const text = isExpected ? reason.message : reason instanceof Error ? reason.stack : String(reason)
  stderr.write(`wattledger: ${masked(text ?? '')}\n`)
  return isExpected && CONFIG_CODES.has(reason.code) ? EX_CONFIG : EX_FAILURE
}
