import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { UsageError } from '../model/usage-error.ts'
import { scopeOfWindow } from '../model/window.ts'
import type { WindowAnswer } from '../windows/answers.ts'
import { bytesBetween, networkBytes } from '../windows/network.ts'
import { type Ended, runToEnd } from './exec-child.ts'
import { AgentClient, type BeginWish, configOf, NoAgent, socketsOf } from './exec-client.ts'
import { type ExecOptions, execOptions } from './exec-options.ts'
import { aboveIdle, type Report, type Run, reportOf, textOf } from './exec-report.ts'
import { EX_NO_AGENT, EX_OK } from './exit-codes.ts'
import { NewFile } from './new-file.ts'
import type { Context } from './run.ts'

export type ExecContext = Pick<
  Context,
  'file' | 'env' | 'stdout' | 'stderr' | 'version' | 'unixMs' | 'operands' | 'options'
>

/** Runs a command and tells what the machine used meanwhile. Its exit code is that of the command. */
export async function exec(context: ExecContext): Promise<number> {
  const { stderr, options: typed = {}, operands = [] } = context
  const options = execOptions(typed, operands)
  if (typeof options === 'string') throw new UsageError(options)
  // Before the work, which may take days.
  const documentOf = await loadDocument(options, context)
  const place = placeOf(options, context)
  try {
    const { report, exitCode, isUnrun } = await measured(options, context)
    if (!isUnrun) await tell(report, place, context, documentOf)
    return exitCode
  } catch (error) {
    if (!(error instanceof NoAgent)) throw error
    stderr.write(`wattledger: ${error.message}. The command was not run.\n`)
    return EX_NO_AGENT
  }
}

/** What is written of a report; null where nothing of the energy is known. */
type DocumentOf = (report: Report) => Promise<object | null>

/** Rejects with a UsageError for a file of a task that is no task. */
async function loadDocument({ task }: ExecOptions, context: ExecContext): Promise<DocumentOf> {
  if (task === null) return async (report) => report
  // Its parts of the machine are loaded only here.
  const { readTask } = await import('./exec-document.ts')
  return readTask(task, context)
}

function placeOf({ json }: ExecOptions, { file, env }: ExecContext): NewFile | '-' | null {
  if (json === null || json === '-') return json
  return NewFile.at(json, configOf(file, env)?.paths.state ?? null)
}

/** Rejects with NoAgent as long as the command has not run. */
async function measured(
  options: ExecOptions,
  { file, env, stderr }: ExecContext,
): Promise<{ readonly report: Report; readonly exitCode: number; readonly isUnrun: boolean }> {
  const { command, name, tags, repeat, kwhPerGb } = options
  const own: BeginWish = { name, tags, has_scope: true }
  const wish: BeginWish = repeat === 1 ? own : { ...own, series: randomUUID() }
  const { agent, first } = await anyAgent(
    socketsOf(file, env),
    options.baselineS === null ? wish : idleWish(wish, options.baselineS),
  )
  const baseline = options.baselineS === null ? null : await idle(agent, first, options.baselineS, stderr)
  const runs: Run[] = []
  const before = networkBytes()
  let ended: Ended = { exitCode: EX_OK, signal: null, problem: null }
  while (runs.length < repeat && ended.exitCode === EX_OK) {
    const begun = runs.length === 0 && baseline === null ? first : await begin(agent, wish, runs.length > 0)
    ended = await runToEnd(command, isatty(0), scopeOfWindow((begun ?? first).id))
    if (ended.problem !== null) stderr.write(`wattledger: ${ended.problem}\n`)
    const window = begun && (await end(agent, begun.id, stderr))
    runs.push({
      exit_code: ended.exitCode,
      signal: ended.signal,
      window,
      above_idle_j: window && baseline && aboveIdle(window, baseline),
    })
  }
  const bytes = bytesBetween(before, networkBytes())
  return {
    report: reportOf(command, runs, baseline, bytes, kwhPerGb),
    exitCode: ended.exitCode,
    isUnrun: ended.problem !== null,
  }
}

/** The first agent that takes the wish. */
async function anyAgent(
  sockets: readonly string[],
  wish: BeginWish,
): Promise<{ readonly agent: AgentClient; readonly first: WindowAnswer }> {
  if (sockets.length === 0) throw new NoAgent('windows.socket is false, so that the agent cannot be asked')
  const problems: string[] = []
  for (const socket of sockets) {
    const agent = new AgentClient(socket)
    try {
      return { agent, first: await agent.begin(wish) }
    } catch (error) {
      // One that is there and says no.
      if (!(error instanceof NoAgent && error.cause instanceof Error)) throw error
      const { code, message } = error.cause as NodeJS.ErrnoException
      problems.push(`${socket} (${code ?? message})`)
    }
  }
  const remedy = 'start it (systemctl start wattledger), or name its configuration with --config'
  throw new NoAgent(`no agent answers on ${problems.join(' or ')}: ${remedy}`)
}

/** Who loses patience ends this process, and nobody the window. */
function idleWish({ name, tags }: BeginWish, seconds: number): BeginWish {
  return { name: `${name} (idle)`.slice(0, 128), tags, limit_s: seconds + 60 }
}

async function idle(
  agent: AgentClient,
  { id }: WindowAnswer,
  seconds: number,
  stderr: ExecContext['stderr'],
): Promise<WindowAnswer> {
  if (stderr.isTTY) stderr.write(`wattledger: measuring the idle machine for ${seconds} s\n`)
  await setTimeout(seconds * 1e3)
  return agent.end(id)
}

/** Once the command has run, an agent that goes away costs its figures and not the command's other runs. */
async function begin(agent: AgentClient, wish: BeginWish, hasRun: boolean): Promise<WindowAnswer | null> {
  try {
    return await agent.begin(wish)
  } catch (error) {
    if (!hasRun) throw error
    return null
  }
}

async function end(agent: AgentClient, id: string, stderr: ExecContext['stderr']): Promise<WindowAnswer | null> {
  try {
    return await agent.end(id)
  } catch (error) {
    stderr.write(`wattledger: the energy cannot be told: ${(error as Error).message}\n`)
    return null
  }
}

/** The command's standard output is the command's own, unless somebody asks for JSON there. */
async function tell(
  report: Report,
  place: NewFile | '-' | null,
  { stdout, stderr }: ExecContext,
  documentOf: DocumentOf,
): Promise<void> {
  if (place === null) {
    stderr.write(textOf(report))
    return
  }
  const document = await documentOf(report)
  if (document === null) return
  const text = `${JSON.stringify(document, null, 2)}\n`
  if (place === '-') {
    stdout.write(text)
    return
  }
  try {
    await place.write((draft) => writeFile(draft, text, { flag: 'wx', flush: true }))
  } catch (error) {
    // What took days to measure is at least told.
    stderr.write(`wattledger: ${(error as Error).message}\n${textOf(report)}`)
  }
}
