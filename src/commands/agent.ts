import { once } from 'node:events'
import type { Daemon } from '../daemon.ts'
import { reasonOf } from '../model/reason.ts'
import { examineAside } from './examine-aside.ts'
import { EX_OK } from './exit-codes.ts'
import type { JsonLogger } from './json-log.ts'
import { oneWaiting } from './one-waiting.ts'
import type { Context } from './run.ts'

/** How an agent logs that is stopped before it has read how. */
const UNREAD = { level: 'info', format: 'auto' } as const

export type AgentContext = Pick<Context, 'file' | 'env' | 'stdout' | 'version' | 'signals'>

/** Node cuts small buffers from pieces of 64 KiB, and one that is kept holds its piece. */
const POOL_BYTES = 8_192

/** Runs the daemon until SIGTERM or SIGINT. Throws why it cannot start. */
export async function agent(context: AgentContext): Promise<number> {
  const { env, stdout, version } = context
  const signals = context.signals()
  Buffer.poolSize = POOL_BYTES
  // All take their time, and the first takes that of another process.
  const examining = examineAside(context, signals.stop)
  const loading = Promise.all([examining, import('../daemon.ts'), import('./log.ts')])
  const loaded = await loading.catch((error) => {
    if (signals.stop.aborted) return null
    throw error
  })
  if (loaded === null) {
    const { createLogger } = await import('./log.ts')
    return farewell(await createLogger(UNREAD, stdout, env))
  }
  const [config, { Daemon }, { createLogger }] = loaded
  const logger = await createLogger(config.log, stdout, env)
  const stopped = untilStopped(signals.stop, logger)
  const daemon = new Daemon({ config, logger, env, version })
  try {
    await daemon.start(signals.stop)
    signals.onReload(oneWaiting(() => reload(context, signals.stop, daemon, logger)))
    await stopped
  } catch (error) {
    if (!signals.stop.aborted) throw error
  } finally {
    await daemon.stop()
  }
  return farewell(logger)
}

function farewell(logger: JsonLogger): number {
  logger.info({ event: 'stopped' }, 'stopped')
  return EX_OK
}

async function untilStopped(stop: AbortSignal, logger: JsonLogger): Promise<void> {
  if (!stop.aborted) await once(stop, 'abort')
  logger.info({ event: 'stopping', signal: stop.reason }, `stopping on ${stop.reason}`)
}

/** A wrong configuration changes nothing: the reason is logged and the old one stays. Never rejects. */
async function reload(context: AgentContext, stop: AbortSignal, daemon: Daemon, logger: JsonLogger): Promise<void> {
  try {
    const config = await examineAside(context, stop)
    logger.level = config.log.level
    daemon.reload(config)
  } catch (error) {
    if (stop.aborted) return
    logger.error({ event: 'reload_refused' }, reasonOf(error))
  }
}
