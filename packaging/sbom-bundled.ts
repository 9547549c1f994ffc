import Database from 'better-sqlite3'

/** Of `process.versions`, what is no library: Node itself and the numbers of interfaces. */
const NO_LIBRARY: readonly string[] = ['node', 'modules', 'napi']

/**
 * Libraries inside the runtime, by name and version, as it says itself.
 * @param expected the version that a package carries, which must be the one that runs this
 */
export function bundledInRuntime(expected: string): readonly (readonly [name: string, version: string])[] {
  if (process.versions.node !== expected)
    throw new Error(`this is Node ${process.versions.node}, but the package carries ${expected}: run it through npm`)
  return Object.entries(process.versions).flatMap(([name, version]) =>
    version && !NO_LIBRARY.includes(name) ? [[name, version] as const] : [],
  )
}

/** Of the SQLite that better-sqlite3 has compiled in. */
export function sqliteVersion(): string {
  const db = new Database(':memory:')
  try {
    return db.prepare('SELECT sqlite_version()').pluck().get() as string
  } finally {
    db.close()
  }
}
