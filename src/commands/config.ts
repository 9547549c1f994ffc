import { effectiveYaml } from '../config/document.ts'
import { readConfig } from '../config/loader.ts'
import { ConfigError } from '../config/problem.ts'
import { jsonSchema } from '../config/shape.ts'
import { examine, type Question } from './examine.ts'

export interface Output {
  write(text: string): unknown
}

export interface ConfigCommand extends Question {
  readonly stdout: Output
  readonly stderr: Output
}

const EX_OK = 0
/** sysexits.h; the unit file names it in RestartPreventExitStatus. */
const EX_CONFIG = 78

/** Says whether the configuration is right, with every file that it names, or all that is wrong with it. */
export function configCheck(command: ConfigCommand): number {
  const examined = examine(command, true)
  if (examined.config === null) {
    command.stderr.write(`${examined.faults.join('\n')}\n`)
    return EX_CONFIG
  }
  command.stdout.write(`${examined.file ?? 'No file: the defaults'}: ok\n`)
  return EX_OK
}

/** Prints what is in force, defaults included, as YAML. */
export function configPrint(command: ConfigCommand): number {
  try {
    const { config, file } = readConfig(command.file, command.env, command.defaultFile)
    command.stdout.write(`# ${file ?? 'No file: the defaults'}\n${effectiveYaml(config)}`)
    return EX_OK
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    command.stderr.write(`${error.message}\n`)
    return EX_CONFIG
  }
}

/** Prints the JSON Schema of the configuration file. */
export function configSchema({ stdout }: Pick<ConfigCommand, 'stdout'>): number {
  stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`)
  return EX_OK
}
