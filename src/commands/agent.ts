import { once } from 'node:events'
import type { Config } from '../config/loader.ts'
import { Daemon } from '../daemon.ts'
import { ConfigFault } from '../model/config-fault.ts'
import { examine, type Question } from './examine.ts'
import { EX_OK } from './exit-codes.ts'
import { type AgentLogger, createLogger } from './log.ts'
import type { Context } from './run.ts'

export type AgentContext = Pick<Context, 'file' | 'env' | 'stdout' | 'version' | 'signals'>

/** Runs the daemon until SIGTERM or SIGINT. Throws why it cannot start. */
export async function agent(context: AgentContext): Promise<number> {
  const { env, stdout, version } = context
  const signals = context.signals()
  const config = configToStartWith(context)
  const logger = await createLogger(config.log, stdout, env)
  const stopped = untilStopped(signals.stop, logger)
  const daemon = new Daemon({ config, logger, env, version })
  try {
    await daemon.start(signals.stop)
    signals.onReload(() => reload(context, daemon, logger))
    await stopped
  } catch (error) {
    if (!signals.stop.aborted) throw error
  } finally {
    await daemon.stop()
  }
  logger.info({ event: 'stopped' }, 'stopped')
  return EX_OK
}

/** Throws a ConfigFault. Who has to mend the file anyway is told of the files of figures and keys too. */
function configToStartWith(question: Question): Config {
  try {
    return examine(question, false).config
  } catch (error) {
    if (error instanceof ConfigFault) examine(question, true)
    throw error
  }
}

async function untilStopped(stop: AbortSignal, logger: AgentLogger): Promise<void> {
  if (!stop.aborted) await once(stop, 'abort')
  logger.info({ event: 'stopping', signal: stop.reason }, `stopping on ${stop.reason}`)
}

/** A wrong configuration changes nothing: the reason is logged and the old one stays. */
function reload(question: Question, daemon: Daemon, logger: AgentLogger): void {
  try {
    const { config } = examine(question, false)
    logger.level = config.log.level
    daemon.reload(config)
  } catch (error) {
    logger.error({ event: 'reload_refused' }, error instanceof Error ? error.message : String(error))
  }
}
