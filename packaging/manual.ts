import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { EXIT_CODES } from '../src/commands/exit-codes.ts'
import { sentenceOf } from '../src/commands/program.ts'
import { jsonSchema } from '../src/config/shape.ts'
import type { KeyShape } from '../src/schema/key-shape.ts'
import { type CommandShape, type OptionShape, runnable } from './program.ts'
import type { Release } from './release.ts'

/** wattledger(8), with the commands that the program has. */
export function commandManual(program: CommandShape, release: Release): string {
  const commands = runnable(program)
  const synopsis = commands.map(({ words, command }) => {
    const options = command.options.filter(({ long }) => long !== '--help').map((option) => `[${flagsOf(option)}]`)
    const operands = command.operands === '' ? [] : [typed(command.operands)]
    return `.B wattledger ${typed(words)}\n${[...options, ...argumentsOf(command), ...operands].join('\n')}`.trimEnd()
  })
  const described = commands.map(({ words, command: { description, options } }) => {
    const own = options.filter(({ long }) => long !== '--help')
    const list = own.map((option) => `.TP\n${flagsOf(option)}\n${sentence(option.description)}`)
    return [`.SS ${typed(words)}`, sentence(description), ...list].join('\n')
  })
  const status = EXIT_CODES.map(([code, meaning]) => `.TP\n.B ${code}\n${sentence(meaning)}`)
  return filled('wattledger.8', release, {
    SYNOPSIS: synopsis.join('\n.br\n'),
    COMMANDS: described.join('\n'),
    STATUS: status.join('\n'),
  })
}

/** wattledger.yaml(5), with the keys of the schema. */
export function configurationManual(release: Release): string {
  return filled('wattledger.yaml.5', release, { KEYS: keys(jsonSchema(), '').join('\n') })
}

function keys(shape: KeyShape, path: string): readonly string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, child]) => {
    const key = path === '' ? name : `${path}.${name}`
    const text = child.description ?? ''
    if (child.properties === undefined) {
      return [
        `.TP\n.B ${typed(key)}\n${sentence(text)}\nDefault: ${typed(stringify(child.default, { collectionStyle: 'flow' }).trim())}.`,
      ]
    }
    const heading = path === '' ? `.SS ${typed(key)}\n${sentence(text)}` : `.TP\n.B ${typed(key)}\n${sentence(text)}`
    return [heading, ...keys(child, key)]
  })
}

function argumentsOf(command: CommandShape): readonly string[] {
  return command.arguments.map((name) => `\\fI${typed(name.replaceAll(/[<>]/g, ''))}\\fR`)
}

function flagsOf({ short, long, argument }: OptionShape): string {
  const flags = [short, long].filter((flag) => flag !== null).map((flag) => `\\fB${typed(flag)}\\fR`)
  return `${flags.join(', ')}${argument === '' ? '' : ` \\fI${typed(argument.replaceAll(/[<>]/g, ''))}\\fR`}`
}

function sentence(text: string): string {
  return typed(sentenceOf(text))
}

/** man(7): a backslash, a hyphen that is typed, and a dot or an apostrophe at the start of a line. */
function typed(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&')
}

function filled(template: string, { version, epochS }: Release, parts: Readonly<Record<string, string>>): string {
  const values: Record<string, string> = {
    DATE: new Date(epochS * 1e3).toISOString().slice(0, 10),
    VERSION: version,
    ...parts,
  }
  const text = readFileSync(join(import.meta.dirname, 'man', template), 'utf8')
  return text.replaceAll(/@([A-Z]+)@/g, (_, name: string) => values[name] ?? '')
}
