/** A stop that takes longer is cut short, so that the process has ended within 10 s. */
const STOP_MS = 8_000

/**
 * The signals of a daemon, from the process's first moments on: Node ends at a SIGHUP that nobody listens for. What comes
 * before somebody can obey it is kept.
 */
export class Signals {
  readonly #stop = new AbortController()
  readonly #giveUp: () => void
  #reload: (() => void) | null = null
  #isReloadKept = false

  /** `giveUp` ends the process at once: at the second SIGTERM or SIGINT, and when the stop takes too long. */
  constructor(giveUp: () => void) {
    this.#giveUp = giveUp
    process.on('SIGTERM', (signal) => this.#end(signal))
    process.on('SIGINT', (signal) => this.#end(signal))
    process.on('SIGHUP', () => this.#askReload())
  }

  /** Aborted by the first SIGTERM or SIGINT, with its name as the reason. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** Calls `reload` at each SIGHUP from now on, and at once if one has come. */
  onReload(reload: () => void): void {
    this.#reload = reload
    if (this.#isReloadKept) reload()
    this.#isReloadKept = false
  }

  #askReload(): void {
    if (this.#reload === null) this.#isReloadKept = true
    else this.#reload()
  }

  #end(signal: NodeJS.Signals): void {
    if (this.stop.aborted) {
      this.#giveUp()
      return
    }
    setTimeout(this.#giveUp, STOP_MS).unref()
    this.#stop.abort(signal)
  }
}
