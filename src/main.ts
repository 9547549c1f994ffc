#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { EX_FAILURE, EX_OK, EX_USAGE } from './commands/exit-codes.ts'
import { leaveOutLocales } from './commands/leave-out-locales.ts'
import { Signals } from './commands/signals.ts'

/** Waits for what hangs until the command is loaded that can do without. */
let exit: (code: number) => never = process.exit
const listen = () => new Signals(() => exit(EX_FAILURE))
// Before all that takes time to load: a reload may come at once.
const signals = process.argv[2] === 'agent' ? listen() : null

leaveOutLocales()
const { CommanderError } = await import('commander')
const { createProgram } = await import('./commands/program.ts')
const { run } = await import('./commands/run.ts')

/** A pipe takes 64 KiB at once, and the rest as it is read. One that nobody reads any more takes nothing; null if all is well. */
const isRead = () =>
  new Promise<NodeJS.ErrnoException | null | undefined>((resolve) =>
    process.stdout.once('error', resolve).write('', resolve),
  )

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const { env, stdout, stderr } = process

const program = createProgram(version, async ({ load, canHang }, typed) => {
  const loadToEnd = async () => {
    const command = await load()
    if (canHang) exit = (await import('./commands/exit-now.ts')).exitNow
    return command
  }
  const context = { ...typed, env, stdout, stderr, version, unixMs: Date.now, signals: () => signals ?? listen() }
  const code = await run(loadToEnd, context)
  const refusal = await isRead()
  if (refusal == null || refusal.code === 'EPIPE') exit(code)
  stderr.write(`wattledger: cannot write to standard output: ${refusal.message}\n`)
  exit(EX_FAILURE)
})

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  exit(error.exitCode === 0 ? EX_OK : EX_USAGE)
}
