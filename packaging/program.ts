import { join } from 'node:path'
import { Command } from 'commander'
import { REPOSITORY } from './release.ts'

/** A command as manuals and completions see it. */
export interface CommandShape {
  /** Empty for the program itself. */
  readonly name: string
  readonly description: string
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

/** The very program that runs, stopped where it would look at its arguments. */
export function programShape(): Promise<CommandShape> {
  captured ??= captureProgram()
  return captured
}

/** A module runs once, however often it is imported. */
let captured: Promise<CommandShape> | undefined

async function captureProgram(): Promise<CommandShape> {
  const parsed: Command[] = []
  const { parseAsync } = Command.prototype
  Command.prototype.parseAsync = function (this: Command) {
    parsed.push(this)
    return Promise.resolve(this)
  }
  try {
    await import(join(REPOSITORY, 'src/main.ts'))
  } finally {
    Command.prototype.parseAsync = parseAsync
  }
  const [program] = parsed
  if (program === undefined) throw new Error('src/main.ts parsed no arguments')
  return { ...shapeOf(program), name: '' }
}

function shapeOf(command: Command): CommandShape {
  const help = command.createHelp()
  return {
    name: command.name(),
    description: command.description(),
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
