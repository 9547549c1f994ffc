import { type Config, type Environment, loadConfig } from '../config/loader.ts'
import { ConfigError } from '../config/problem.ts'
import { Daemon } from '../daemon.ts'
import { type AgentLogger, createLogger } from './log.ts'

export interface AgentCommand {
  /** The value of `--config`; null reads the default file if it exists. */
  readonly file: string | null
  readonly env: NodeJS.ProcessEnv & Environment
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly version: string
  /** Ends the process at once, without ceremony: the ledger's journal makes that safe. */
  readonly exitNow: (code: number) => void
}

const EX_OK = 0
const EX_FAILURE = 1
/** sysexits.h; the unit file names it in RestartPreventExitStatus. */
const EX_CONFIG = 78
/** A stop that takes longer is cut short. */
const STOP_MS = 10_000

/** Runs the daemon until SIGTERM or SIGINT. A second signal, or a stop that takes too long, ends it at once. */
export async function agent(command: AgentCommand): Promise<number> {
  const { file, env, stderr } = command
  let config: Config
  try {
    config = loadConfig(file, env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    stderr.write(`${error.message}\n`)
    return EX_CONFIG
  }
  const logger = await createLogger(config.log, command.stdout, env)
  const stop = new AbortController()
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
  const onStop = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) return command.exitNow(EX_FAILURE)
    logger.info({ event: 'stopping', signal }, `stopping on ${signal}`)
    setTimeout(() => command.exitNow(EX_FAILURE), STOP_MS).unref()
    stop.abort(signal)
  }
  process.on('SIGTERM', onStop)
  process.on('SIGINT', onStop)
  const daemon = new Daemon({ config, logger, env, version: command.version })
  const onReload = () => reload(command, daemon, logger)
  process.on('SIGHUP', onReload)
  try {
    await daemon.start(stop.signal)
    await stopped
  } catch (error) {
    if (!stop.signal.aborted) return explain(error, stderr)
  } finally {
    await daemon.stop()
  }
  logger.info({ event: 'stopped' }, 'stopped')
  return EX_OK
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
