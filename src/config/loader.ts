import { isAbsolute, join } from 'node:path'
import { missingFile, readConfigFile } from './file.ts'
import { ConfigError, type Problem } from './problem.ts'
import type { Settings } from './schema.ts'
import { validate } from './validate.ts'
import { YamlSource } from './yaml-source.ts'

export const DEFAULT_FILE = '/etc/wattledger/wattledger.yaml'

/** The variables of the environment that the configuration depends on. */
export interface Environment {
  readonly STATE_DIRECTORY?: string | undefined
  readonly HOME?: string | undefined
}

type Frozen<T> = { readonly [K in keyof T]: Frozen<T[K]> }

/** Everything that the program can be told. Durations are whole milliseconds. Deeply frozen. */
export type Config = Frozen<Omit<Settings, 'paths'> & { paths: Settings['paths'] & { state: string } }>

/**
 * Reads a file. For null, reads `fallback` if it exists, else takes the defaults.
 * Throws a ConfigError with every problem.
 */
export function loadConfig(file: string | null, env: Environment, fallback = DEFAULT_FILE): Config {
  return readConfig(file, env, fallback).config
}

/** As loadConfig, with the file that was read; null when the defaults hold. */
export function readConfig(
  file: string | null,
  env: Environment,
  fallback = DEFAULT_FILE,
): { readonly config: Config; readonly file: string | null } {
  const read = file ?? fallback
  const text = readConfigFile(read)
  if (text !== null) return { config: parseConfig(text, env, read), file: read }
  if (file !== null) throw missingFile(file)
  return { config: parseConfig('', env, 'defaults'), file: null }
}

/** As loadConfig, from a text. `source` names it in messages. */
export function parseConfig(text: string, env: Environment, source: string): Config {
  const result = validate(new YamlSource(text))
  if ('problems' in result) throw new ConfigError(source, result.problems)
  const { settings } = result
  const state = settings.paths.state ?? stateFolder(env)
  if (state === null) throw new ConfigError(source, [NO_STATE])
  return deepFreeze({ ...settings, paths: { ...settings.paths, state } })
}

const NO_STATE: Problem = {
  path: 'paths.state',
  at: null,
  expected: 'a path, since neither STATE_DIRECTORY nor HOME is set in the environment',
  received: 'null',
}

/** systemd.exec(5): STATE_DIRECTORY is a list with colons when the unit has several. */
function stateFolder({ STATE_DIRECTORY, HOME }: Environment): string | null {
  const first = STATE_DIRECTORY?.split(':')[0]
  if (first && isAbsolute(first)) return first
  return HOME && isAbsolute(HOME) ? join(HOME, '.local/state/wattledger') : null
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null) deepFreeze(child)
  }
  return Object.freeze(value)
}
