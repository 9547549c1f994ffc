import { checkCarbon } from '../carbon/create-carbon.ts'
import { type Config, type Environment, inspectConfig } from '../config/loader.ts'
import { ConfigError, formatProblem } from '../config/problem.ts'
import { checkWebConfig } from '../exporter/web-config/load.ts'
import type { Fault } from '../model/config-fault.ts'
import { masked } from '../model/secrets.ts'

/** What each part that knows more than the schema has against its section; `isDeep` reads the files of figures and keys too. */
const CHECKS: readonly [keyof Config, (config: Config, isDeep: boolean) => readonly Fault[]][] = [
  ['carbon', ({ carbon }, isDeep) => checkCarbon(carbon, isDeep)],
  ['web', ({ web }) => (web.config_file === null ? [] : webFaults(web.config_file))],
]

export interface Question {
  /** The value of `--config`; null reads the default file if it exists. */
  readonly file: string | null
  readonly env: Environment
  /** Instead of /etc/wattledger/wattledger.yaml. */
  readonly defaultFile?: string
}

/** A configuration and the file that it is from, or a line for each thing that is wrong with it. */
export type Examination =
  | { readonly config: Config; readonly file: string | null; readonly faults: readonly [] }
  | { readonly config: null; readonly faults: readonly string[] }

/**
 * Looks at a configuration and at every file that it names, all parts at once. Without `isDeep` only at what the agent cannot
 * start with: a file of figures or keys is read again when it changes, and energy is counted meanwhile.
 */
export function examine({ file, env, defaultFile }: Question, isDeep: boolean): Examination {
  try {
    const { config, problems, unsound, locate, file: read } = inspectConfig(file, env, defaultFile)
    const checks = CHECKS.filter(([section]) => !unsound.has(section))
    const faults = checks.flatMap(([, check]) => check(config, isDeep))
    if (problems.length + faults.length === 0) return { config, file: read, faults: [] }
    const placed = [
      ...problems.map((problem) => ({ at: problem.at, text: formatProblem({ ...problem, at: null }) })),
      ...faults.map(({ key, text }) => ({ at: locate(key), text: `${key}: ${text}` })),
    ]
    const order = ({ at }: (typeof placed)[number]) => (at === null ? 0 : at.line * 1e6 + at.column)
    const lines = placed
      .toSorted((a, b) => order(a) - order(b))
      .map(({ at, text }) => `${read ?? 'defaults'}:${at === null ? '' : `${at.line}:${at.column}:`} ${text}`)
    return { config: null, faults: lines.map(masked) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { config: null, faults: [error.message] }
  }
}

function webFaults(file: string): Fault[] {
  return checkWebConfig(file).map((text) => ({ key: 'web.config_file', text }))
}
