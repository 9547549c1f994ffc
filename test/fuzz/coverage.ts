import { type Profiler, Session } from 'node:inspector'

/** Of the code that reads an input: ours, and the modules that it calls. */
const WATCHED = /\/(src|node_modules\/(yaml|zod|bcryptjs))\//

/** V8's own block coverage, which needs nothing instrumented. */
export class Coverage {
  readonly #session = new Session()
  readonly #seen = new Set<string>()

  start(): void {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  stop(): void {
    this.#session.disconnect()
  }

  /** Whether anything was reached since the last question for the first time. */
  hasNew(): boolean {
    return this.#reached().some((place) => !this.#seen.has(place))
  }

  /** The number of such places, which are then known. */
  noteNew(): number {
    const before = this.#seen.size
    for (const place of this.#reached()) this.#seen.add(place)
    return this.#seen.size - before
  }

  #reached(): readonly string[] {
    const scripts = this.#take().filter(({ url }) => WATCHED.test(url))
    return scripts.flatMap(({ scriptId, functions }) =>
      functions.flatMap(({ ranges }) =>
        ranges
          .filter(({ count }) => count > 0)
          .map(({ startOffset, endOffset }) => `${scriptId} ${startOffset} ${endOffset}`),
      ),
    )
  }

  #take(): readonly Profiler.ScriptCoverage[] {
    let taken: readonly Profiler.ScriptCoverage[] = []
    // A session on its own thread answers before it returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error
      taken = result
    })
    return taken
  }
}
