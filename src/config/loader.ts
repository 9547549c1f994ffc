import { isAbsolute, join } from 'node:path'
import { type DocumentKind, missingDocument, readDocument } from '../io/document-file.ts'
import { ConfigFault, type Fault, type Place } from '../model/config-fault.ts'
import { deepFreeze, type Frozen } from '../model/frozen.ts'
import { YamlSource } from '../schema/yaml-source.ts'
import type { Settings } from './schema.ts'
import { validate } from './validate.ts'

export const DEFAULT_FILE = '/etc/wattledger/wattledger.yaml'
const DEFAULTS = 'defaults'
/** 64 KiB, ten times the documented defaults. A larger file is a wrong file. */
const DOCUMENT: DocumentKind = {
  mistaken: (received) => `expected a configuration file, received ${received}`,
  maxBytes: 1 << 16,
}

/** The variables of the environment that the configuration depends on. */
export interface Environment {
  readonly STATE_DIRECTORY?: string | undefined
  readonly HOME?: string | undefined
}

/** Everything that the program can be told. Durations are whole milliseconds. Deeply frozen. */
export type Config = Frozen<Omit<Settings, 'paths'> & { paths: Settings['paths'] & { state: string } }>

/**
 * Reads a file. For null, reads `fallback` if it exists, else takes the defaults.
 * Throws a ConfigFault with all that is wrong.
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
  const { faults, config, file: read } = inspectConfig(file, env, fallback)
  if (faults.length > 0) throw new ConfigFault(faults)
  return { config, file: read }
}

/** What a file comes to, right or wrong. */
export interface Inspection {
  /** Null when the defaults hold. */
  readonly file: string | null
  /** In the order of the file. */
  readonly faults: readonly Fault[]
  /** Of a section that has faults, the defaults. */
  readonly config: Config
  /** The sections that have faults. */
  readonly unsound: ReadonlySet<string>
  /** Where a key stands, or the nearest one above it that does: `carbon.pue.entries.1`. */
  readonly locate: (key: string) => Place
}

/** As readConfig, whatever is wrong. Throws a ConfigFault for what is no configuration file at all. */
export function inspectConfig(file: string | null, env: Environment, fallback = DEFAULT_FILE): Inspection {
  const read = file ?? fallback
  const text = readDocument(read, DOCUMENT)
  if (text === null && file !== null) throw missingDocument(file, DOCUMENT)
  return text === null
    ? { file: null, ...inspectText('', env, DEFAULTS) }
    : { file: read, ...inspectText(text, env, read) }
}

function inspectText(text: string, env: Environment, name: string): Omit<Inspection, 'file'> {
  const source = new YamlSource(text, name)
  const { settings, faults, unsound } = validate(source)
  const state = settings.paths.state ?? stateFolder(env)
  return {
    faults: state === null && faults.length === 0 ? [{ ...NO_STATE, place: { file: name, at: null } }] : faults,
    config: deepFreeze({ ...settings, paths: { ...settings.paths, state: state ?? '' } }),
    unsound,
    locate: (key) => source.locate(key.split('.')),
  }
}

/** As loadConfig, from a text. `source` names it in messages. */
export function parseConfig(text: string, env: Environment, source: string): Config {
  const { faults, config } = inspectText(text, env, source)
  if (faults.length > 0) throw new ConfigFault(faults)
  return config
}

const NO_STATE: Fault = {
  key: 'paths.state',
  text: 'expected a path, since neither STATE_DIRECTORY nor HOME is set in the environment, received null',
}

/** systemd.exec(5): STATE_DIRECTORY is a list with colons when the unit has several. */
function stateFolder({ STATE_DIRECTORY, HOME }: Environment): string | null {
  const first = STATE_DIRECTORY?.split(':')[0]
  if (first && isAbsolute(first)) return first
  return HOME && isAbsolute(HOME) ? join(HOME, '.local/state/wattledger') : null
}
