import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Run {
  /** What /metrics said. */
  readonly metrics: string
  readonly exitCode: number | null
}

/**
 * Starts an agent that is not this checkout's, scrapes it once and stops it.
 * @param command program and arguments, up to `agent`
 */
export async function scrapeOnce(
  command: readonly [string, ...string[]],
  configFile: string,
  env: Record<string, string>,
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
      const response = await fetch(new URL('metrics', address))
      const metrics = await response.text()
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

/** A PATH with the few programs that /usr/bin/wattledger calls, and no Node. */
export function pathWithoutNode(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const program of ['dirname', 'readlink']) symlinkSync(join('/usr/bin', program), join(bin, program))
  return bin
}
