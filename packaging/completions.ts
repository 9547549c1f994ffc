import type { CommandShape, OptionShape } from './program.ts'

/** bash: completes commands, options and, after an option that takes one, files. */
export function bashCompletion(program: CommandShape): string {
  const paths = everyPath(program)
  // One name may be a switch of one command, and take a file behind another.
  const previous = paths.flatMap(({ path, command }) =>
    command.options.filter(takesFile).flatMap((option) => flagsOf(option).map((flag) => `'${path} ${flag}'`)),
  )
  const steps = paths.slice(1).map(({ path }) => `      '${path}') path='${path}' ;;`)
  const words = paths.map(({ path, command }) => `    '${path}') words='${wordsOf(command).join(' ')}' ;;`)
  return `# Generated from the program's own commands.
_wattledger() {
  local current=\${COMP_WORDS[COMP_CWORD]} path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${steps.join('\n')}
    esac
  done
  case "$path \${COMP_WORDS[COMP_CWORD - 1]}" in
    ${previous.join(' | ')})
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
  esac
  case $path in
${words.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _wattledger wattledger
`
}

/** zsh: the same, with descriptions. */
export function zshCompletion(program: CommandShape): string {
  const functions = everyPath(program).map(({ path, command }) => {
    const name = `_wattledger${path.replaceAll(' ', '_')}`
    const options = command.options.map((option) => `    ${zshOption(option)}`)
    if (command.commands.length === 0) return `${name}() {\n  _arguments -s \\\n${options.join(' \\\n')}\n}\n`
    const commands = command.commands.map((child) => `    ${zshQuote(`${child.name}:${child.description}`)}`)
    const cases = command.commands.map((child) => `    ${child.name}) ${name}_${child.name} ;;`)
    return `${name}() {
  local state line
  local -a commands=(
${commands.join('\n')}
  )
  _arguments -s -C \\
${options.join(' \\\n')} \\
    '1: :->command' '*:: :->arguments'
  case $state in
    command) _describe command commands ;;
    arguments) case $line[1] in
${cases.join('\n')}
    esac ;;
  esac
}
`
  })
  return `#compdef wattledger\n# Generated from the program's own commands.\n${functions.join('\n')}\n_wattledger "$@"\n`
}

/** fish: the same. */
export function fishCompletion(program: CommandShape): string {
  const lines = everyPath(program).flatMap(({ path, command }) => {
    const seen = path.split(' ').filter((word) => word !== '')
    const names = command.commands.map(({ name }) => name).join(' ')
    const inside = seen.map((word) => `__fish_seen_subcommand_from ${word}`)
    const none = names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`]
    const start = `complete -c wattledger -n '${[...inside, ...none].join('; and ')}'`
    const options = command.options.map((option) => {
      const flags = `${option.short === null ? '' : ` -s ${option.short.slice(1)}`} -l ${option.long.slice(2)}`
      const value = option.argument === '' ? '' : takesFile(option) ? ' -rF' : ' -x'
      return `${start}${flags}${value} -d ${shellQuote(option.description)}`
    })
    return [
      ...command.commands.map(({ name, description }) => `${start} -a ${name} -d ${shellQuote(description)}`),
      ...options,
    ]
  })
  return `# Generated from the program's own commands.\ncomplete -c wattledger -f\n${lines.join('\n')}\n`
}

interface Reached {
  /** The words up to the command, each after a space. */
  readonly path: string
  readonly command: CommandShape
}

function everyPath(command: CommandShape, path = ''): readonly Reached[] {
  return [{ path, command }, ...command.commands.flatMap((child) => everyPath(child, `${path} ${child.name}`))]
}

function takesFile({ argument }: OptionShape): boolean {
  return /file|folder|path/.test(argument)
}

function flagsOf({ short, long }: OptionShape): readonly string[] {
  return short === null ? [long] : [short, long]
}

function wordsOf({ commands, options }: CommandShape): readonly string[] {
  return [...commands.map(({ name }) => name), ...options.map(({ long }) => long)]
}

function zshOption(option: OptionShape): string {
  const what = option.description.replaceAll(/[[\]:]/g, '\\$&')
  const flags = flagsOf(option)
  const start = flags.length === 1 ? zshQuote(`${flags}`).slice(0, -1) : `'(${flags.join(' ')})'{${flags.join(',')}}'`
  const value = option.argument === '' ? '' : takesFile(option) ? ':file:_files' : ':value: '
  return `${start}[${what.replaceAll("'", "'\\''")}]${value}'`
}

function zshQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function shellQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
