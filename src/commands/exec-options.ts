import { basename } from 'node:path'
import type { Command } from 'commander'
import { quoted } from '../model/quoted.ts'
import { ELSEWHERE } from '../windows/network.ts'
import { type Target, targetOf } from './new-file.ts'

export interface ExecOptions {
  readonly command: readonly string[]
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  /** Null measures no baseline. */
  readonly baselineS: number | null
  readonly repeat: number
  /** A file, `-` for standard output, or null for text on standard error. */
  readonly json: Target | '-' | null
  /** The file of the task of a report as BoAmps has it; null for JSON of our own. */
  readonly task: string | null
  readonly kwhPerGb: number
}

const FORMATS = ['json', 'boamps'] as const
const BASELINE_S = 10
const LONGEST_BASELINE_S = 3_600
const MOST_REPEATS = 10_000

/** Declares what stands behind `exec`. What follows the command is the command's own. */
export function declareExec(command: Command): void {
  command
    .usage('[options] -- COMMAND [ARGUMENT...]')
    .option('--name <name>', 'name of the measurement (default: that of the command)')
    .option('--tag <key=value>', 'a tag of the measurement; may be repeated', (tag, all: string[] = []) => [
      ...all,
      tag,
    ])
    .option('--idle-baseline [seconds]', `measure the idle machine first (${BASELINE_S} s) and subtract it`)
    .option('--repeat <n>', 'run it so often, and tell mean, deviation and 95 % interval')
    .option(
      '--json <file>',
      'write JSON to a file, which must not exist, or - for standard output, instead of text to standard error',
    )
    .option('--force', 'overwrite the file of --json')
    .option('--format <format>', 'as json, or as boamps, a report as BoAmps has it, with --task (default: json)')
    .option('--task <file>', 'what BoAmps asks of the task and no meter knows, as YAML or JSON')
    .option('--kwh-per-gb <number>', `energy elsewhere for each GB on the network (default: ${ELSEWHERE.kwhPerGb})`)
    .passThroughOptions()
}

/** What was typed, or a sentence on what is wrong with it. @throws UsageError */
export function execOptions(typed: Readonly<Record<string, unknown>>, words: readonly string[]): ExecOptions | string {
  const [program] = words
  if (program === undefined) return 'expected a command: wattledger exec [options] -- COMMAND [ARGUMENT...]'
  const { idleBaseline, repeat = '1', json, name = nameOf(program), tag = [], kwhPerGb } = typed
  const baselineS = idleBaseline === undefined ? null : idleBaseline === true ? BASELINE_S : Number(idleBaseline)
  if (baselineS !== null && !(baselineS > 0 && baselineS <= LONGEST_BASELINE_S)) {
    return `--idle-baseline: expected seconds up to ${LONGEST_BASELINE_S}, or -- before the command, received ${told(idleBaseline)}`
  }
  if (!(/^\d{1,5}$/.test(String(repeat)) && Number(repeat) >= 1 && Number(repeat) <= MOST_REPEATS)) {
    return `--repeat: expected a whole number from 1 to ${MOST_REPEATS}, received ${told(repeat)}`
  }
  const factor = kwhPerGb === undefined ? ELSEWHERE.kwhPerGb : Number(kwhPerGb || 'none')
  if (!(factor >= 0 && factor <= 1_000))
    return `--kwh-per-gb: expected a number from 0 to 1000, received ${told(kwhPerGb)}`
  const format = FORMATS.find((known) => known === (typed.format ?? 'json'))
  if (format === undefined) return `--format: expected json or boamps, received ${told(typed.format)}`
  const task = typed.task === undefined ? null : String(typed.task)
  if (format === 'boamps' && task === null) {
    return '--format boamps: expected --task FILE, since the format asks for a task, which no meter knows'
  }
  if (format !== 'boamps' && task !== null) return '--task: expected with --format boamps'
  const tags: Record<string, string> = {}
  for (const text of tag as readonly string[]) {
    const at = text.indexOf('=')
    if (at < 1) return `--tag: expected KEY=VALUE, received ${told(text)}`
    tags[text.slice(0, at)] = text.slice(at + 1)
  }
  // A format that was asked for goes where JSON goes.
  const isShown = json === '-' || (json === undefined && typed.format !== undefined)
  const target = targetOf({ ...typed, json: json === '-' ? undefined : json }, 'json')
  return {
    command: words,
    name: String(name),
    tags,
    baselineS,
    repeat: Number(repeat),
    json: isShown ? '-' : target,
    task,
    kwhPerGb: factor,
  }
}

const told = (typed: unknown): string => quoted(String(typed))

/** A program may be called what no window may. */
function nameOf(program: string): string {
  return (
    basename(program)
      .replaceAll(/\p{Cc}/gu, '?')
      .slice(0, 128) || 'command'
  )
}
