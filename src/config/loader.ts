import { isAbsolute, join } from 'node:path'
import { missingFile, readConfigFile } from './file.ts'
import { ConfigError, type Problem } from './problem.ts'
import type { Settings } from './schema.ts'
import { validate } from './validate.ts'
import { type Place, YamlSource } from './yaml-source.ts'

export const DEFAULT_FILE = '/etc/wattledger/wattledger.yaml'
const DEFAULTS = 'defaults'

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
  const { problems, config, file: read } = inspectConfig(file, env, fallback)
  if (problems.length > 0) throw new ConfigError(read ?? DEFAULTS, problems)
  return { config, file: read }
}

/** What a file comes to, right or wrong. */
export interface Inspection {
  /** Null when the defaults hold. */
  readonly file: string | null
  /** In the order of the file. */
  readonly problems: readonly Problem[]
  /** Of a section that has problems, the defaults. */
  readonly config: Config
  /** The sections that have problems. */
  readonly unsound: ReadonlySet<string>
  /** Where a key stands, or the nearest one above it that does: `carbon.pue.entries.1`. */
  readonly locate: (key: string) => Place | null
}

/** As readConfig, whatever is wrong. Throws a ConfigError for what is no configuration file at all. */
export function inspectConfig(file: string | null, env: Environment, fallback = DEFAULT_FILE): Inspection {
  const read = file ?? fallback
  const text = readConfigFile(read)
  if (text === null && file !== null) throw missingFile(file)
  return { file: text === null ? null : read, ...inspectText(text ?? '', env) }
}

function inspectText(text: string, env: Environment): Omit<Inspection, 'file'> {
  const source = new YamlSource(text)
  const { settings, problems, unsound } = validate(source)
  const state = settings.paths.state ?? stateFolder(env)
  return {
    problems: state === null && problems.length === 0 ? [NO_STATE] : problems,
    config: deepFreeze({ ...settings, paths: { ...settings.paths, state: state ?? '' } }),
    unsound,
    locate: (key) => source.locate(key.split('.')),
  }
}

/** As loadConfig, from a text. `source` names it in messages. */
export function parseConfig(text: string, env: Environment, source: string): Config {
  const { problems, config } = inspectText(text, env)
  if (problems.length > 0) throw new ConfigError(source, problems)
  return config
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
