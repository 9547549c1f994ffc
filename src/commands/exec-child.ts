import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { isProgram, scoped } from './exec-scope.ts'
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

/** A systemd that takes longer than this to make a scope is not waited for. */
const SCOPE_MS = 5_000

/**
 * Runs a command to its end with this process's own input, output and terminal, in a scope of that name where systemd makes
 * one. Signals that come here reach it; this process lives on, to tell what it used.
 */
export async function runToEnd(command: readonly string[], isTerminal: boolean, scope: string): Promise<Ended> {
  let child: ChildProcess | null = null
  let signalled: NodeJS.Signals | null = null
  // Before there is a command: one that came in between would end this process and leave the command alone.
  const listeners = FORWARDED.map((signal) => {
    const pass = () => {
      signalled = signal
      if (!(isTerminal && OF_TERMINAL.has(signal))) child?.kill(signal)
    }
    process.on(signal, pass)
    return () => process.off(signal, pass)
  })
  const start = (program: string, args: readonly string[], stdio: StdioOptions) => {
    child = spawn(program, args, { stdio })
    return child
  }
  try {
    const [program = '', ...args] = command
    const inScope = isProgram(program) ? scoped(command, scope) : null
    if (inScope !== null) {
      const ended = await endOfScoped(start(inScope.program, inScope.args, [...inScope.stdio]), inScope.toldBy)
      // Without a scope it has not run, unless somebody has put an end to it meanwhile.
      if (ended !== null || signalled !== null) return ended ?? byCode(null, signalled)
    }
    return await endOf(start(program, args, 'inherit'), program)
  } finally {
    for (const stop of listeners) stop()
  }
}

function endOf(child: ChildProcess, program: string): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  child.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (child.pid !== undefined) return
    const exitCode = code === 'ENOENT' ? EX_NOT_FOUND : EX_NOT_EXECUTABLE
    resolve({ exitCode, signal: null, problem: `${program}: ${REASONS[code ?? ''] ?? message}` })
  })
  child.on('exit', (exitCode, signal) => resolve(byCode(exitCode, signal)))
  return promise
}

/** Null where systemd made no scope, so that the command has not run. */
function endOfScoped(child: ChildProcess, toldBy: number): Promise<Ended | null> {
  const { promise, resolve } = Promise.withResolvers<Ended | null>()
  let isEntered = false
  const giveUp = setTimeout(() => child.kill('SIGKILL'), SCOPE_MS)
  const told = child.stdio[toldBy]
  told?.once('data', () => {
    isEntered = true
    clearTimeout(giveUp)
    told.destroy()
  })
  child.on('error', () => {
    clearTimeout(giveUp)
    resolve(null)
  })
  // When all that it has said is read.
  child.on('close', (exitCode, signal) => {
    clearTimeout(giveUp)
    resolve(isEntered ? byCode(exitCode, signal) : null)
  })
  return promise
}

function byCode(exitCode: number | null, signal: NodeJS.Signals | null): Ended {
  return { exitCode: exitCode ?? SIGNALLED + (signal === null ? 0 : constants.signals[signal]), signal, problem: null }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'it is not executable for this user',
  ENOEXEC: 'it is no program',
}
