import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { leaveOutDeadlockCheck } from '../../packaging/deadlock-check.ts'

/** What it holds when it has started, in kB. */
function heldBy(node: string): number {
  const program = `console.log(/^RssAnon:\\s+(\\d+)/m.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1])`
  return Number(execFileSync(node, ['-e', program], { encoding: 'utf8' }))
}

/** Found by halves: a hundred megabytes byte by byte take seconds. */
function firstOther(one: Buffer, other: Buffer): number {
  let [from, until] = [0, one.length]
  while (until - from > 1) {
    const middle = (from + until) >> 1
    if (one.subarray(from, middle).equals(other.subarray(from, middle))) from = middle
    else until = middle
  }
  return from
}

test('a Node that looks for no deadlocks is another in one byte, holds a megabyte less, and is left as it is a second time', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-node-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const node = join(folder, 'node')
  copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE)
  leaveOutDeadlockCheck(node)
  const [before, after] = [process.execPath, node].map((file) => readFileSync(file)) as [Buffer, Buffer]
  const at = firstOther(before, after)
  assert.deepEqual([before[at], after[at]], [2, 0])
  assert.ok(before.subarray(at + 1).equals(after.subarray(at + 1)))
  assert.ok(heldBy(node) < heldBy(process.execPath) - 800)
  assert.throws(() => leaveOutDeadlockCheck(node), /synch_deadlock_detectionE is 0 and not 2$/)
  assert.ok(readFileSync(node).equals(after))
})

test('what is no Node, or has no symbols, is refused', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-node-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const stripped = join(folder, 'sh')
  copyFileSync('/bin/sh', stripped)
  assert.throws(
    () => leaveOutDeadlockCheck(stripped),
    /^Error: .*\/sh: no symbol \S+ says whether it looks for deadlocks$/,
  )
})
