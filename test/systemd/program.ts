import { spawnSync } from 'node:child_process'
import type { TestContext } from 'node:test'

/** Skips a test where a program is missing; in CI, which installs them all, that is a failure. */
export function skipWithout(context: TestContext, program: string): boolean {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) return false
  if (process.env.CI === 'true') throw new Error(`${program} is not installed`)
  context.skip(`${program} is not installed`)
  return true
}
