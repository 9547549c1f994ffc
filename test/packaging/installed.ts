import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** An emulated processor takes its time. */
const PATIENCE_MS = 300_000
const POLL_MS = 200

export interface Run {
  /** What /metrics said last. */
  readonly metrics: string
  readonly exitCode: number | null
}

/**
 * Starts an agent that is not this checkout's, scrapes it and stops it.
 * @param command program and arguments, up to `agent`
 * @param shown what it is scraped for, until it is there
 */
export async function runAgent(
  command: readonly [string, ...string[]],
  configFile: string,
  env: Record<string, string>,
  shown: RegExp,
): Promise<Run> {
  const [program, ...args] = command
  const child = spawn(program, [...args, 'agent', '--config', configFile], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const exited = once(child, 'exit')
  try {
    for await (const line of createInterface(child.stdout)) {
      const { event, address } = JSON.parse(line) as { event?: string; address?: string }
      if (event !== 'ready') continue
      const metrics = await metricsWith(shown, new URL('metrics', address))
      child.kill('SIGTERM')
      child.stdout.resume()
      await exited
      return { metrics, exitCode: child.exitCode }
    }
    return assert.fail(`it ended before it was ready: ${stderr}`)
  } finally {
    child.kill('SIGKILL')
  }
}

async function metricsWith(shown: RegExp, url: URL): Promise<string> {
  const untilMs = performance.now() + PATIENCE_MS
  for (;;) {
    const metrics = await (await fetch(url)).text()
    if (shown.test(metrics)) return metrics
    if (performance.now() > untilMs) assert.fail(`in vain waited for ${shown}:\n${metrics}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** A PATH with the few programs that /usr/bin/wattledger calls, and no Node. */
export function pathWithoutNode(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const program of ['dirname', 'readlink']) symlinkSync(join('/usr/bin', program), join(bin, program))
  return bin
}
