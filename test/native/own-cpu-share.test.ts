import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const MODULE = new URL('../../src/native/own-cpu-share.ts', import.meta.url).href

test('a process that is held to one processor has its share of all of the machine', () => {
  const program = `
    import { ownCpuShare } from ${JSON.stringify(MODULE)}
    const share = ownCpuShare(() => 64)
    const untilMs = performance.now() + 50
    while (performance.now() < untilMs) {}
    console.log(share())`
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program]
  const { stdout, stderr } = spawnSync('taskset', ['--cpu-list', '0', ...node], { encoding: 'utf8' })
  const share = Number(stdout)
  // V8's own threads work beside it, on the same processor.
  assert.ok(share > 0 && share < 1.1 / 64, `${stdout}${stderr}`)
})
