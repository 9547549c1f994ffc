import { once } from 'node:events'
import { type Config, type Environment, loadConfig } from '../config/loader.ts'
import { ConfigError } from '../config/problem.ts'
import { Daemon } from '../daemon.ts'
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

/** Runs the daemon until SIGTERM or SIGINT. */
export async function agent(command: AgentCommand): Promise<number> {
  const { file, env, stderr, signals } = command
  let config: Config
  try {
    config = loadConfig(file, env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    stderr.write(`${error.message}\n`)
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
function reload({ file, env }: AgentCommand, daemon: Daemon, logger: AgentLogger): void {
  try {
    const config = loadConfig(file, env)
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
  stderr.write(`wattledger: ${isExpected ? reason.message : reason instanceof Error ? reason.stack : String(reason)}\n`)
  return reason instanceof Error && 'code' in reason && reason.code === 'CONFIG_INVALID' ? EX_CONFIG : EX_FAILURE
}
