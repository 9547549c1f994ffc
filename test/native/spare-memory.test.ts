import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'

/** What 3,000 functions that ran once hold compiled, in bytes, before the first minute is over and after it; and whether they still run. */
function compiled(...flags: readonly string[]): { before: number; after: number; sum: number } {
  const program = `
    import { mock } from 'node:test'
    import { getHeapCodeStatistics } from 'node:v8'
    import { SpareMemory } from './src/native/spare-memory.ts'
    mock.timers.enable({ apis: ['setInterval'] })
    const functions = Array.from({ length: 3_000 }, (_, n) => new Function('a', 'return a * ' + n + ' - a / ' + (n + 1)))
    const run = () => Math.round(functions.reduce((sum, each) => sum + each(2), 0))
    const bytes = () => getHeapCodeStatistics().bytecode_and_metadata_size
    run()
    const memory = new SpareMemory()
    await memory.start()
    const before = bytes()
    mock.timers.tick(60_000)
    const after = bytes()
    const sum = run()
    await memory.stop()
    console.log(JSON.stringify({ before, after, sum }))`
  const args = [...flags, '--input-type=module', '-e', program]
  const root = resolve(import.meta.dirname, '../..')
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }))
}

test('code that is not running is given back after a minute, and runs again', () => {
  const { before, after, sum } = compiled('--expose-gc')
  assert.ok(after < before / 2, `${after} of ${before} bytes`)
  assert.equal(sum, compiled().sum)
})

test('code stays where Node does not expose its collector', () => {
  const { before, after } = compiled()
  assert.ok(after >= before, `${after} of ${before} bytes`)
})
