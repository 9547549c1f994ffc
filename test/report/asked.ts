import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import { EX_OK } from '../../src/commands/exit-codes.ts'
import { report } from '../../src/commands/report.ts'
import { run } from '../../src/commands/run.ts'
import { scratchDirectory } from '../ledger/setting.ts'

export interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
}

export const NOW = Date.UTC(2026, 10, 28, 9, 30)

/** What the command says to options, as `run` has it say. */
export async function asked(
  folder: string,
  options: Readonly<Record<string, unknown>>,
  more: {
    readonly config?: string
    readonly env?: NodeJS.ProcessEnv
    readonly isTTY?: boolean
    readonly now?: number
    readonly fails?: Error
  } = {},
): Promise<Answer> {
  const [out, err]: [string[], string[]] = [[], []]
  const stdout = new Writable({
    write(chunk, _, done) {
      out.push(String(chunk))
      done(more.fails ?? null)
    },
  })
  const stderr = { isTTY: more.isTTY ?? false, write: (text: string) => void err.push(text) }
  const env = { STATE_DIRECTORY: folder, HOME: folder, ...more.env }
  const context = {
    file: more.config ?? null,
    env,
    version: '1.2.3',
    unixMs: () => more.now ?? NOW,
    options,
    stdout,
    stderr,
  }
  const code = await run(() => report, context)
  return { code, out: out.join(''), err: err.join('') }
}

/** A configuration file of the machine db-17. */
export function configured(t: TestContext, report = ''): string {
  const path = join(scratchDirectory(t), 'wattledger.yaml')
  writeFileSync(path, `node: { name: db-17, labels: { rack: r12 } }\n${report}`)
  return path
}

/** The JSON of a report that has to succeed. */
export async function jsonOf(folder: string, options: Readonly<Record<string, unknown>>, config?: string) {
  const { code, out, err } = await asked(folder, { ...options, format: 'json' }, config === undefined ? {} : { config })
  if (code !== EX_OK) throw new Error(err)
  return JSON.parse(out)
}
