import { join } from 'node:path'
import { loadConfig } from '../config/loader.ts'
import { sealDays } from '../seal/seal-days.ts'
import { SealFolder } from '../seal/seal-folder.ts'
import { EX_OK } from './exit-codes.ts'
import { answer, type Context, type Output } from './run.ts'

export interface SealContext extends Pick<Context, 'file' | 'json' | 'env' | 'version' | 'unixMs'> {
  readonly stdout: Output
  readonly signals: () => { readonly stop: AbortSignal }
}

/** Seals the days that are over, as the agent does by itself, and names the newest seal. */
export async function seal(context: SealContext): Promise<number> {
  const { state } = loadConfig(context.file, context.env).paths
  const signal = context.signals().stop
  const { unixMs, version } = context
  const sealed = await sealDays({ state, ledger: join(state, 'ledger.db'), unixMs, version, signal })
  const newest = new SealFolder(state).newest()
  const head = newest && { day: newest.seal.day, sha256: newest.sha256 }
  answer(context, { sealed, head }, () => {
    const lines = sealed.map(({ day, sha256 }) => `sealed ${day}  ${sha256}\n`).join('')
    if (lines !== '') return lines
    const known = head === null ? 'no day has a seal yet' : `the newest seal is that of ${head.day}  ${head.sha256}`
    return `Nothing to seal: ${known}. A day is sealed once it is over and the agent has closed its last hour.\n`
  })
  return EX_OK
}
