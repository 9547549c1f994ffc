import { ConfigFault } from '../model/config-fault.ts'
import { masked } from '../model/secrets.ts'
import { UsageError } from '../model/usage-error.ts'
import { EX_CONFIG, EX_FAILURE, EX_USAGE } from './exit-codes.ts'
import type { Signals } from './signals.ts'

export interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** The switches that commands have. */
export interface Switches {
  readonly json: boolean
  readonly all: boolean
  readonly save: boolean
}

/** What a command is told, and where it answers. Each declares the part of it that it uses. */
export interface Context extends Switches {
  /** The argument of a command that takes one; empty otherwise. */
  readonly argument: string
  /** The value of `--config`; null reads the default file if it exists. */
  readonly file: string | null
  readonly env: NodeJS.ProcessEnv
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly version: string
  readonly unixMs: () => number
  /** Of a command that declares its own: what stands behind it, and the values of its options. */
  readonly operands?: readonly string[]
  readonly options?: Readonly<Record<string, unknown>>
  /** The process's own from now on. */
  readonly signals: () => Signals
}

/** Resolves with the exit code; what it throws is for `run` to explain. */
export type Command<Part> = (context: Part) => number | Promise<number>

/** The frame of every command: loads it, runs it, and says what went wrong. Never rejects. */
export async function run<Part extends { readonly stderr: Output }>(
  load: () => Command<Part> | Promise<Command<Part>>,
  context: Part,
): Promise<number> {
  try {
    const command = await load()
    return await command(context)
  } catch (error) {
    const reason = error instanceof AggregateError ? error.cause : error
    context.stderr.write(`${masked(textOf(reason))}\n`)
    if (reason instanceof UsageError) return EX_USAGE
    return reason instanceof ConfigFault ? EX_CONFIG : EX_FAILURE
  }
}

/** Errors with a code are for people: one line. Anything else is a bug and shows its stack. */
function textOf(reason: unknown): string {
  if (reason instanceof ConfigFault) return reason.message
  // As commander tells those that it finds.
  if (reason instanceof UsageError) return `error: ${reason.message}`
  if (!(reason instanceof Error)) return `wattledger: ${reason}`
  return `wattledger: ${'code' in reason ? reason.message : reason.stack}`
}

/** Answers with data for programs or with text for a person, as `--json` says. */
export function answer<Data>(
  { json, stdout }: { readonly json: boolean; readonly stdout: Output },
  data: Data,
  textFor: (data: Data) => string,
): void {
  stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : textFor(data))
}
