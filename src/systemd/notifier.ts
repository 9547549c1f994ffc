import type { Clock } from '../model/clock.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Logger } from '../model/logger.ts'

export interface SystemdNotifierOptions {
  /** `native.sdNotify`: false when there is no service manager, throws when it does not listen. */
  readonly notify: (state: string) => boolean
  /** The environment of the process: WATCHDOG_USEC and WATCHDOG_PID (sd_watchdog_enabled(3)). */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pid: number
  readonly clock: Pick<Clock, 'monotonicNs'>
  /** Whether sampling made progress lately. A sensor that hangs is no reason: it hangs on its own thread. */
  readonly healthy: () => boolean
  /** One line for `systemctl status`. */
  readonly status: () => string
  readonly logger: Logger
}

/**
 * Speaks to systemd (sd_notify(3)): started last, it says READY=1, and stopped first, STOPPING=1. In between it feeds the
 * watchdog from the event loop at half its time (sd_watchdog_enabled(3)) and only while sampling makes progress, so that
 * neither a dead loop nor a sampler that stands still is hidden. Outside of systemd it does nothing.
 */
export class SystemdNotifier implements Component {
  readonly name = 'systemd'
  readonly #options: SystemdNotifierOptions
  #feeding: NodeJS.Timeout | undefined
  #isRunning = false
  #isStarving = false
  #isMute = false

  constructor(options: SystemdNotifierOptions) {
    this.#options = options
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#isRunning) return
    this.#isRunning = true
    this.ready()
    const { env, pid } = this.#options
    const periodMs = watchdogPeriodMs(env, pid)
    if (periodMs !== null) this.#feeding = setInterval(() => this.#feed(), periodMs / 2).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#feeding)
    this.#feeding = undefined
    if (!this.#isRunning) return
    this.#isRunning = false
    this.#tell('STOPPING=1')
  }

  /** The configuration is being read again; `ready()` ends it. */
  reloading(): void {
    const monotonicUsec = this.#options.clock.monotonicNs() / 1_000n
    this.#tell('RELOADING=1', `MONOTONIC_USEC=${monotonicUsec}`)
  }

  ready(status = this.#options.status()): void {
    this.#tell('READY=1', statusLine(status))
  }

  /** Asks for more time to start or stop, counted from now: a ledger to migrate, a queue to flush. */
  extendTimeout(milliseconds: number): void {
    this.#tell(`EXTEND_TIMEOUT_USEC=${Math.round(milliseconds) * 1_000}`)
  }

  #feed(): void {
    const { healthy, status, logger } = this.#options
    const isStarving = !healthy()
    if (isStarving && !this.#isStarving) {
      logger.error(
        { event: 'watchdog_withheld' },
        'sampling makes no progress, so the watchdog of systemd is no longer fed',
      )
    }
    this.#isStarving = isStarving
    if (!isStarving) this.#tell('WATCHDOG=1', statusLine(status()))
  }

  #tell(...assignments: readonly string[]): void {
    try {
      this.#options.notify(assignments.join('\n'))
      this.#isMute = false
    } catch (cause) {
      if (!this.#isMute) this.#options.logger.warn({ event: 'notify_failed', cause }, `systemd: ${String(cause)}`)
      this.#isMute = true
    }
  }
}

/** Null without a watchdog, or with one that is meant for another process. */
function watchdogPeriodMs(env: SystemdNotifierOptions['env'], pid: number): number | null {
  const usec = Number(env.WATCHDOG_USEC)
  const isOurs = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === pid
  return isOurs && Number.isSafeInteger(usec) && usec > 0 ? usec / 1_000 : null
}

/** A line break would begin another assignment. */
function statusLine(status: string): string {
  return `STATUS=${status.replace(/\s+/g, ' ')}`
}
