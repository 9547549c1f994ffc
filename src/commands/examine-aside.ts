import { execFile } from 'node:child_process'
import { extname } from 'node:path'
import { deserialize } from 'node:v8'
import type { Config } from '../config/loader.ts'
import { ConfigFault, type Fault } from '../model/config-fault.ts'
import { deepFreeze } from '../model/frozen.ts'
import type { Context } from './run.ts'

/** What the other process answers. */
export type Examined = { readonly config: Config } | { readonly faults: readonly Fault[] } | { readonly bug: string }

/** A file of 64 KiB, as values. */
const MAX_BYTES = 1 << 22

/**
 * The configuration that an agent can start with, examined by a process of its own: the schema takes 12 MB, which the agent
 * would hold for years, and a thread gives half of them back. Throws a ConfigFault: who has to mend the file anyway is told of the
 * files of figures and keys too.
 */
export async function examineAside({ file, env }: Pick<Context, 'file' | 'env'>, stop: AbortSignal): Promise<Config> {
  const examiner = new URL(`./examiner${extname(import.meta.filename)}`, import.meta.url)
  const args = [...process.execArgv, examiner.pathname, ...(file === null ? [] : [file])]
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const options = { env, signal: stop, maxBuffer: MAX_BYTES, encoding: 'buffer' } as const
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`the configuration was not examined: ${error.message} ${stderr}`.trim(), { cause: error }))
    })
  })
  const examined = deserialize(bytes) as Examined
  if ('faults' in examined) throw new ConfigFault(examined.faults)
  if ('bug' in examined) throw new Error(`the configuration was not examined: ${examined.bug}`)
  return deepFreeze(examined.config)
}
