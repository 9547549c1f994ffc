import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import Database from 'better-sqlite3'
import { CommanderError } from 'commander'
import { createProgram } from '../../src/commands/program.ts'
import { run } from '../../src/commands/run.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { afterwards, T0 } from '../ledger/setting.ts'

export const MAIN = join(import.meta.dirname, '../../src/main.ts')

export interface Told {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Writes a configuration of the state folder, whose path it returns. */
export function configOf(state: string): string {
  const config = join(state, 'wattledger.yaml')
  writeFileSync(config, `paths:\n  state: ${state}\n`)
  return config
}

/** The command line on a state folder, in this process. `tty`: standard output and error are a terminal. */
export function program(state: string, { tty = false } = {}): (...words: string[]) => Promise<Told> {
  const config = configOf(state)
  const terminal = () => Object.assign(new PassThrough(), { isTTY: tty })
  return async (...words) => {
    const [stdout, stderr] = [terminal(), terminal()]
    const said = Promise.all([text(stdout), text(stderr)])
    const status = await statusOf(words, config, stdout, stderr)
    stdout.end()
    stderr.end()
    const [out, error] = await said
    return { status, stdout: out, stderr: error }
  }
}

async function statusOf(words: string[], config: string, stdout: PassThrough, stderr: PassThrough): Promise<number> {
  let [status, nowMs] = [-1, 0]
  const { signal: stop } = new AbortController()
  const program = createProgram('1.2.3', async ({ load }, typed) => {
    const context = {
      ...typed,
      env: {},
      stdout,
      stderr,
      version: '1.2.3',
      unixMs: () => T0 + 1e12,
      signals: () => ({ stop }),
      // So that progress is shown from the sixth look on.
      nowMs: () => (nowMs += 100),
    }
    status = await run(load as never, context as never)
  })
  const listen = (command: typeof program): void => {
    command.configureOutput({ writeErr: (said) => void stderr.write(said) })
    command.commands.forEach(listen)
  }
  listen(program)
  try {
    await program.parseAsync([...words, '-c', config], { from: 'user' })
    return status
  } catch (error) {
    if (error instanceof CommanderError) return 2
    throw error
  }
}

/** Fills the ledger with hours of one device more, and of the node. */
export function fill(t: TestContext, path: string, hours: number): void {
  const db = new Database(path)
  afterwards(t, () => db.close())
  const series = `WITH RECURSIVE hour(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM hour WHERE n < ${hours - 1})`
  const start = `${T0} + n * ${HOUR_MS}`
  db.exec(`
    INSERT OR IGNORE INTO channel VALUES (90, 'nvml', 'gpu', 'a "GPU", no. 1\\x', 'power', 'measured');
    ${series} INSERT INTO channel_hour SELECT ${start}, channel_id, 1000000 * n, ${HOUR_MS}, 7 FROM hour, channel;
    ${series} INSERT INTO node_hour
      SELECT ${start}, 'psys', 'measured', 3600000000000 + n, 0, 0, ${HOUR_MS}, NULL, NULL, NULL, NULL, NULL FROM hour`)
}
