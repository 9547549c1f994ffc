import { Writable } from 'node:stream'
import { type Command, run } from '../../src/commands/run.ts'

export interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
}

export const NOW = Date.UTC(2026, 10, 28, 9, 30)

/** What a fleet command says to options, as `run` has it say. */
export async function asked<Part>(
  command: Command<Part>,
  folder: string,
  options: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const [out, err]: [string[], string[]] = [[], []]
  const stdout = new Writable({
    write(chunk, _, done) {
      out.push(String(chunk))
      done()
    },
  })
  const context = {
    file: null,
    env: { STATE_DIRECTORY: folder, HOME: folder },
    version: '1.2.3',
    unixMs: () => NOW,
    options,
    stdout,
    stderr: { isTTY: false, write: (text: string) => void err.push(text) },
    ...more,
  }
  const code = await run(() => command as never, context)
  return { code, out: out.join(''), err: err.join('') }
}
