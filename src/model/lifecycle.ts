/** A part of the daemon with a beginning and an end. */
export interface Component {
  readonly name: string
  start(signal: AbortSignal): Promise<void>
  /** Idempotent, safe before start() and after a failed start(). Drains, then frees everything. */
  stop(signal: AbortSignal): Promise<void>
}

/** Starts consumers first. On a failure everything is stopped again, the failed one included, and the error names it. */
export async function startAll(components: readonly Component[], signal: AbortSignal): Promise<void> {
  const started: Component[] = []
  for (const component of components) {
    started.push(component)
    try {
      signal.throwIfAborted()
      await component.start(signal)
    } catch (cause) {
      const failures = await stopAll(started, signal)
      if (failures.length === 0) throw cause
      throw new AggregateError([cause, ...failures], `${component.name} did not start`, { cause })
    }
  }
}

/** Stops in reverse order. Never throws: returns what failed. */
export async function stopAll(components: readonly Component[], signal: AbortSignal): Promise<Error[]> {
  const failures: Error[] = []
  for (const component of components.toReversed()) {
    try {
      await component.stop(signal)
    } catch (cause) {
      failures.push(new Error(`${component.name} did not stop cleanly`, { cause }))
    }
  }
  return failures
}
