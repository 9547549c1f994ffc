import { checkCarbon } from '../carbon/create-carbon.ts'
import { effectiveYaml } from '../config/document.ts'
import { type Config, type Environment, readConfig } from '../config/loader.ts'
import { ConfigError } from '../config/problem.ts'
import { jsonSchema } from '../config/shape.ts'

export interface Output {
  write(text: string): unknown
}

export interface ConfigCommand {
  /** The value of `--config`; null reads the default file if it exists. */
  readonly file: string | null
  readonly env: Environment
  readonly stdout: Output
  readonly stderr: Output
  /** Instead of /etc/wattledger/wattledger.yaml. */
  readonly defaultFile?: string
}

const EX_OK = 0
/** sysexits.h; the unit file names it in RestartPreventExitStatus. */
const EX_CONFIG = 78

/** Says whether the configuration is right, or all that is wrong with it. */
export function configCheck(command: ConfigCommand): number {
  return withConfig(command, ({ carbon }, file) => {
    checkCarbon(carbon)
    return `${file ?? 'No file: the defaults'}: ok\n`
  })
}

/** Prints what is in force, defaults included, as YAML. */
export function configPrint(command: ConfigCommand): number {
  return withConfig(command, (config, file) => `# ${file ?? 'No file: the defaults'}\n${effectiveYaml(config)}`)
}

/** Prints the JSON Schema of the configuration file. */
export function configSchema({ stdout }: Pick<ConfigCommand, 'stdout'>): number {
  stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`)
  return EX_OK
}

/** Of a part of the program that knows more than the schema. */
function isInvalid(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'CONFIG_INVALID'
}

function withConfig(command: ConfigCommand, show: (config: Config, file: string | null) => string): number {
  try {
    const { config, file } = readConfig(command.file, command.env, command.defaultFile)
    command.stdout.write(show(config, file))
    return EX_OK
  } catch (error) {
    if (!(error instanceof Error && (error instanceof ConfigError || isInvalid(error)))) throw error
    command.stderr.write(`${error.message}\n`)
    return EX_CONFIG
  }
}
