import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { clockId } from '../../src/machine/clock-id.ts'
import { scratchDirectory } from '../ledger/setting.ts'

function under(t: TestContext, offsets: string | null): string {
  const procfs = scratchDirectory(t)
  mkdirSync(join(procfs, 'self'))
  if (offsets !== null) writeFileSync(join(procfs, 'self/timens_offsets'), offsets)
  return clockId('boot-1', { procfs })
}

const offsets = (seconds: number, ns: number) =>
  `monotonic  ${String(seconds).padStart(10)} ${String(ns).padStart(9)}\nboottime            7         0\n`

test('the clock is that of the boot, also on a kernel that knows no time namespaces', (t) => {
  assert.equal(under(t, offsets(0, 0)), 'boot-1')
  assert.equal(under(t, null), 'boot-1')
  assert.equal(under(t, 'nothing that is known'), 'boot-1')
})

test('a kernel that names no boot has a clock of each process', (t) => {
  const [one, other] = [0, 1].map(() => clockId(null, { procfs: scratchDirectory(t) }))
  assert.notEqual(one, other)
})

test('in a time namespace it is another one, by how far it is set off', (t) => {
  const all = [
    [100_000, 0],
    [-5, 0],
    [0, 1],
    [100_000, 1],
  ].map(([seconds = 0, ns = 0]) => under(t, offsets(seconds, ns)))
  assert.equal(all[0], 'boot-1 set off by 100000.000000000 s')
  assert.equal(new Set([...all, 'boot-1']).size, 5)
  assert.equal(under(t, offsets(100_000, 0)), all[0])
})
