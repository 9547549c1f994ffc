import type { Typed } from './program.ts'

/**
 * The agent as its service calls it: `agent --config FILE`, or without one. Null for whatever else is typed, which takes
 * commander to be read and explained: code that an agent would hold for years.
 */
export function asService([command, option, file, ...more]: readonly string[]): Typed | null {
  if (command !== 'agent' || more.length > 0) return null
  if (option !== undefined && (option !== '--config' || file === undefined || file.startsWith('-'))) return null
  return { file: file ?? null, argument: '', json: false, all: false, save: false }
}
