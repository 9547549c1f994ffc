import { masked } from '../model/secrets.ts'

/** One thing wrong with a configuration. */
export interface Problem {
  /** `sensors.rapl.interval`; empty for the file as a whole. */
  readonly path: string
  /** Where in the file, from 1; null when the file has no such place. */
  readonly at: { readonly line: number; readonly column: number } | null
  readonly expected: string
  readonly received: string
}

/** `12:5: sensors.rapl.interval: expected a duration from 100ms to 30s, such as 1s, received "5ms"` */
export function formatProblem({ path, at, expected, received }: Problem): string {
  const place = at === null ? '' : `${at.line}:${at.column}: `
  return `${place}${path === '' ? '' : `${path}: `}expected ${expected}, received ${received}`
}

/** All that is wrong with a configuration, in the order of the file. The program exits with status 78 (EX_CONFIG). */
export class ConfigError extends Error {
  readonly problems: readonly Problem[]

  /** `source` is the file's name. */
  constructor(source: string, problems: readonly Problem[], options?: ErrorOptions) {
    super(
      problems.map((problem) => `${source}:${problem.at === null ? ' ' : ''}${formatProblem(problem)}`).join('\n'),
      options,
    )
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** A value as a person wrote it, short and on one line. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value)
    return keys.length === 0 ? '{}' : `a mapping of ${shorten(keys.join(', '))}`
  }
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`
  return shorten(String(JSON.stringify(value)))
}

function shorten(text: string): string {
  const shown = masked(text)
  return shown.length <= 60 ? shown : `${shown.slice(0, 57)}...`
}
