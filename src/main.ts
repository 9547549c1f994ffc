#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { asService } from './commands/as-service.ts'
import { EX_FAILURE, EX_OK, EX_USAGE } from './commands/exit-codes.ts'
import { leaveOutLocales } from './commands/leave-out-locales.ts'
import type { Entry, Typed } from './commands/program.ts'
import { run } from './commands/run.ts'
import { Signals } from './commands/signals.ts'

/** Waits for what hangs until the command is loaded that can do without. */
let exit: (code: number) => never = process.exit
const listen = () => new Signals(() => exit(EX_FAILURE))
// Before all that takes time to load: a reload may come at once.
const signals = process.argv[2] === 'agent' ? listen() : null

leaveOutLocales()

/** A pipe takes 64 KiB at once, and the rest as it is read. One that nobody reads any more takes nothing; null if all is well. */
const isRead = () =>
  new Promise<NodeJS.ErrnoException | null | undefined>((resolve) =>
    process.stdout.once('error', resolve).write('', resolve),
  )

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const { env, stdout, stderr } = process

type Obeyed = Pick<Entry, 'load' | 'canHang'>
const AGENT: Obeyed = { canHang: true, load: async () => (await import('./commands/agent.ts')).agent }

async function obey({ load, canHang }: Obeyed, typed: Typed): Promise<void> {
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
}

/** Whatever is typed, or why it is not understood. */
async function parse(): Promise<void> {
  const { CommanderError } = await import('commander')
  const { createProgram } = await import('./commands/program.ts')
  try {
    await createProgram(version, obey).parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    exit(error.exitCode === 0 ? EX_OK : EX_USAGE)
  }
}

const typed = asService(process.argv.slice(2))
await (typed === null ? parse() : obey(AGENT, typed))
