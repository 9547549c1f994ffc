import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { EX_NOT_EXECUTABLE, EX_NOT_FOUND } from './exit-codes.ts'

/** What a shell says of one that a signal ended: the number of the signal above it (POSIX, 2.8.2). */
const SIGNALLED = 128

/** Not SIGUSR1, which the program is started without (--disable-sigusr1). */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGINT', 'SIGQUIT']
/** A terminal sends these to the command too. */
const OF_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT'])

export interface Ended {
  readonly exitCode: number
  readonly signal: NodeJS.Signals | null
  /** Why it could not be run. */
  readonly problem: string | null
}

/**
 * Runs a command to its end with this process's own input, output and terminal. Signals that come here reach it; this process
 * lives on, to tell what it used.
 */
export function runToEnd([program = '', ...args]: readonly string[], isTerminal: boolean): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  // Before there is a command: one that came in between would end this process and leave the command alone.
  const listeners = FORWARDED.map((signal) => {
    const pass = () => {
      if (!(isTerminal && OF_TERMINAL.has(signal))) child.kill(signal)
    }
    process.on(signal, pass)
    return () => process.off(signal, pass)
  })
  const child = spawn(program, args, { stdio: 'inherit' })
  const done = (ended: Ended) => {
    for (const stop of listeners) stop()
    resolve(ended)
  }
  child.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (child.pid !== undefined) return
    const exitCode = code === 'ENOENT' ? EX_NOT_FOUND : EX_NOT_EXECUTABLE
    done({ exitCode, signal: null, problem: `${program}: ${REASONS[code ?? ''] ?? message}` })
  })
  child.on('exit', (exitCode, signal) => {
    done({ exitCode: exitCode ?? SIGNALLED + (signal === null ? 0 : constants.signals[signal]), signal, problem: null })
  })
  return promise
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'it is not executable for this user',
  ENOEXEC: 'it is no program',
}
