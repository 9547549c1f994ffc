import { effectiveYaml } from '../config/document.ts'
import { readConfig } from '../config/loader.ts'
import { jsonSchema } from '../config/shape.ts'
import { examine, type Question } from './examine.ts'
import { EX_OK } from './exit-codes.ts'
import type { Output } from './run.ts'

export interface ConfigContext extends Question {
  readonly stdout: Output
}

const NO_FILE = 'There is no configuration file, so the defaults hold'

/** Says that the configuration is right, with every file that it names. Throws a ConfigFault with all that is wrong. */
export function configCheck(context: ConfigContext): number {
  const { file } = examine(context, true)
  context.stdout.write(`${file ?? NO_FILE}: ok\n`)
  return EX_OK
}

/** Prints what is in force, defaults included, as YAML. */
export function configPrint({ file, env, defaultFile, stdout }: ConfigContext): number {
  const read = readConfig(file, env, defaultFile)
  stdout.write(`# ${read.file ?? NO_FILE}\n${effectiveYaml(read.config)}`)
  return EX_OK
}

/** Prints the JSON Schema of the configuration file. */
export function configSchema({ stdout }: Pick<ConfigContext, 'stdout'>): number {
  stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`)
  return EX_OK
}
