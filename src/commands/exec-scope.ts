import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** There while systemd is the machine's first process: sd_booted(3). */
const BOOTED = '/run/systemd/system'

/** The command that this process is to start, and what its standard streams and the descriptors after them are. */
export interface ScopedCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly stdio: readonly ('inherit' | 'ignore' | 'pipe' | number)[]
  /** The descriptor on which a line comes once the command has its scope. */
  readonly toldBy: number
}

/** Says that it is in the scope, gives the command its standard error again, and becomes the command. */
const ENTERED = 'echo >&3; exec 2>&4 3>&- 4>&-; exec "$@"'

/**
 * A command by which systemd runs another in a scope of its own, with its process, terminal, environment and folder as they
 * are: root's in the slice that this process is in, a user's by the user's own manager. Null where there is no systemd. What
 * systemd says of a failure goes nowhere, since the command then runs without a scope.
 */
export function scoped(command: readonly string[], scope: string): ScopedCommand | null {
  if (!existsSync(BOOTED)) return null
  const isRoot = process.geteuid?.() === 0
  const manager = isRoot ? ['--slice-inherit', '--property=CPUAccounting=yes'] : ['--user']
  const options = ['--scope', '--quiet', '--collect', '--no-ask-password', `--unit=${scope}`]
  return {
    program: 'systemd-run',
    args: [...manager, ...options, '--', '/bin/sh', '-c', ENTERED, 'sh', ...command],
    stdio: ['inherit', 'inherit', 'ignore', 'pipe', 2],
    toldBy: 3,
  }
}

/** Whether execvp(3) would find the program: of one that is missing nobody but this process is to tell. */
export function isProgram(program: string, path = process.env.PATH ?? ''): boolean {
  const places = program.includes('/') ? [program] : path.split(delimiter).map((folder) => join(folder, program))
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK)
      return statSync(place).isFile()
    } catch {
      return false
    }
  })
}
