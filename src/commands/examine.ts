import { checkCarbon } from '../carbon/create-carbon.ts'
import { type Config, type Environment, inspectConfig } from '../config/loader.ts'
import { checkWebConfig } from '../exporter/web-config/load.ts'
import { checkFleet } from '../fleet/check-settings.ts'
import { ConfigFault, type Fault, inOrder } from '../model/config-fault.ts'
import { checkOtlp } from '../otlp/check.ts'
import { checkTariff } from '../report/tariff.ts'
import { checkSensorFiles } from '../sensors/named-files.ts'
import { checkWindows } from '../windows/create-windows.ts'
import { checkWorkloads } from '../workloads/workloads.ts'

/** What each part that knows more than the schema has against its section; `isDeep` reads the files of figures and keys too. */
const CHECKS: readonly [keyof Config, (config: Config, isDeep: boolean) => readonly Fault[]][] = [
  // A sensor whose password cannot be read says so by itself, and the others go on.
  ['sensors', ({ sensors }, isDeep) => (isDeep ? checkSensorFiles(sensors) : [])],
  ['carbon', ({ carbon }, isDeep) => checkCarbon(carbon, isDeep)],
  ['workloads', ({ workloads }, isDeep) => (isDeep ? checkWorkloads(workloads) : [])],
  // The agent goes without prices.
  ['report', ({ report }, isDeep) => (isDeep ? checkTariff(report.tariff) : [])],
  ['web', ({ web }) => (web.config_file === null ? [] : checkWebConfig(web.config_file))],
  ['otlp', ({ otlp }, isDeep) => checkOtlp(otlp, isDeep)],
  ['fleet', ({ fleet }, isDeep) => (isDeep ? checkFleet(fleet) : [])],
  ['windows', ({ windows }, isDeep) => checkWindows(windows, isDeep)],
]

export interface Question {
  /** The value of `--config`; null reads the default file if it exists. */
  readonly file: string | null
  readonly env: Environment
  /** Instead of /etc/wattledger/wattledger.yaml. */
  readonly defaultFile?: string
}

/**
 * A configuration, and the file that it is from. Looks at every file that it names, all parts at once. Without `isDeep`
 * only at what the agent cannot start with: a file of figures or keys is read again when it changes, and energy is counted
 * meanwhile. Throws a ConfigFault with all that is wrong, in the order of the file.
 */
export function examine(
  question: Question,
  isDeep: boolean,
): { readonly config: Config; readonly file: string | null } {
  const { config, faults, unsound, locate, file } = inspectConfig(question.file, question.env, question.defaultFile)
  const checks = CHECKS.filter(([section]) => !unsound.has(section))
  const found = checks.flatMap(([, check]) => check(config, isDeep))
  const all = inOrder([...faults, ...found.map((fault) => ({ ...fault, place: locate(fault.key) }))])
  if (all.length > 0) throw new ConfigFault(all)
  return { config, file }
}
