import type { Command } from 'commander'
import { createProgram } from '../src/commands/program.ts'

/** A command as manuals and completions see it. */
export interface CommandShape {
  /** Empty for the program itself. */
  readonly name: string
  readonly description: string
  /** As in `<name>`. */
  readonly arguments: readonly string[]
  /** What stands behind the options, as in `-- COMMAND`. */
  readonly operands: string
  readonly options: readonly OptionShape[]
  readonly commands: readonly CommandShape[]
}

export interface OptionShape {
  /** As in `-c`, or null. */
  readonly short: string | null
  readonly long: string
  /** As in `<file>`, or empty for a switch. */
  readonly argument: string
  readonly description: string
}

/** The very program that runs. */
export function programShape(): CommandShape {
  const obeyNothing = () => Promise.resolve()
  return { ...shapeOf(createProgram('', obeyNothing)), name: '' }
}

function shapeOf(command: Command): CommandShape {
  const help = command.createHelp()
  return {
    name: command.name(),
    description: command.description(),
    arguments: help.visibleArguments(command).map((argument) => `<${argument.name()}>`),
    operands: /-- .*/.exec(command.usage())?.[0] ?? '',
    options: help.visibleOptions(command).map(({ flags, short, long, description }) => ({
      short: short ?? null,
      long: long ?? '',
      argument: /[<[].*[\]>]/.exec(flags)?.[0] ?? '',
      description,
    })),
    commands: help
      .visibleCommands(command)
      .filter((child) => child.name() !== 'help')
      .map(shapeOf),
  }
}

/** Commands that do something, with the words that call them: `config check`. */
export function runnable(shape: CommandShape, words = ''): readonly { words: string; command: CommandShape }[] {
  return shape.commands.flatMap((command) => {
    const path = `${words}${words === '' ? '' : ' '}${command.name}`
    return command.commands.length > 0 ? runnable(command, path) : [{ words: path, command }]
  })
}
