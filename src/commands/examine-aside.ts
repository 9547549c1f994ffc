import { execFile } from 'node:child_process'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { deserialize } from 'node:v8'
import type { Config } from '../config/loader.ts'
import { ConfigFault } from '../model/config-fault.ts'
import { deepFreeze } from '../model/frozen.ts'
import type { Examined } from './examined.ts'
import type { Context } from './run.ts'

/** A file of 64 KiB comes to less. */
const MAX_BYTES = 1 << 22

/** It ends before it pays to collect garbage or to optimize code, which took a third of its time. */
const BRIEF = ['--no-optimize-for-size', '--min-semi-space-size=16', '--max-semi-space-size=16', '--max-opt=0']

const run = promisify(execFile)

/**
 * The configuration that an agent can start with, examined by a process of its own: the schema takes 12 MB, which the agent
 * would hold for years, and of which a thread would give half back. Rejects with a ConfigFault, which tells of the files of
 * figures and keys too, since somebody has to mend the file anyway; and with whatever error when `stop` is aborted.
 */
export async function examineAside(
  question: Pick<Context, 'file' | 'env'>,
  stop: AbortSignal,
  program = process.execPath,
): Promise<Config> {
  const examined = await examinedAside(question, stop, program)
  if ('faults' in examined) throw new ConfigFault(examined.faults)
  if ('bug' in examined) throw new Error(`the configuration was not examined: ${examined.bug}`)
  return deepFreeze(examined.config)
}

async function examinedAside(
  { file, env }: Pick<Context, 'file' | 'env'>,
  stop: AbortSignal,
  program: string,
): Promise<Examined> {
  const examiner = join(import.meta.dirname, `examiner${extname(import.meta.filename)}`)
  const args = [...process.execArgv, ...BRIEF, examiner, ...(file === null ? [] : [file])]
  try {
    const { stdout } = await run(program, args, { env, signal: stop, maxBuffer: MAX_BYTES, encoding: 'buffer' })
    return deserialize(stdout) as Examined
  } catch (error) {
    if (stop.aborted) throw error
    // Where no process can be started, or it is ended, what is needed is held.
    const { examined } = await import('./examined.ts')
    return examined({ file, env })
  }
}
