import { execFile } from 'node:child_process'
import { extname } from 'node:path'
import { deserialize } from 'node:v8'
import type { Config } from '../config/loader.ts'
import { ConfigFault } from '../model/config-fault.ts'
import { deepFreeze } from '../model/frozen.ts'
import type { Examined } from './examined.ts'
import type { Context } from './run.ts'

/** A file of 64 KiB comes to less. */
const MAX_BYTES = 1 << 22

/**
 * The configuration that an agent can start with, examined by a process of its own: the schema takes 12 MB, which the agent
 * would hold for years, and of which a thread would give half back. Throws a ConfigFault, which tells of the files of figures
 * and keys too, since somebody has to mend the file anyway.
 */
export async function examineAside(
  question: Pick<Context, 'file' | 'env'>,
  stop: AbortSignal,
  program = process.execPath,
): Promise<Config> {
  const examined = await askProcess(question, stop, program)
  if ('faults' in examined) throw new ConfigFault(examined.faults)
  if ('bug' in examined) throw new Error(`the configuration was not examined: ${examined.bug}`)
  return deepFreeze(examined.config)
}

async function askProcess({ file, env }: Pick<Context, 'file' | 'env'>, stop: AbortSignal, program: string) {
  const examiner = new URL(`./examiner${extname(import.meta.filename)}`, import.meta.url).pathname
  const args = [...process.execArgv, examiner, ...(file === null ? [] : [file])]
  const options = { env, signal: stop, maxBuffer: MAX_BYTES, encoding: 'buffer' } as const
  const { promise, resolve, reject } = Promise.withResolvers<Examined | Promise<Examined>>()
  execFile(program, args, options, (error, stdout, stderr) => {
    if (error === null) resolve(deserialize(stdout) as Examined)
    // Where no process may be started, what is needed is held.
    else if (error.syscall?.startsWith('spawn')) resolve(askHere({ file, env }))
    else reject(new Error(`the configuration was not examined: ${error.message} ${stderr}`, { cause: error }))
  })
  return promise
}

async function askHere(question: Pick<Context, 'file' | 'env'>): Promise<Examined> {
  const { examined } = await import('./examined.ts')
  return examined(question)
}
