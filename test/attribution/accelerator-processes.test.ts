import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { groupOf, ProcessConsumers } from '../../src/attribution/accelerator-processes.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { exit, process } from './accelerators.ts'

function consumersIn(procfs: string) {
  const consumers = new ProcessConsumers({ procfs, version: 2 })
  return (pid: number, atS: number) => {
    const { id } = consumers.of(pid, BigInt(atS) * NS_PER_S, true)
    consumers.endFrame(BigInt(atS) * NS_PER_S)
    return id
  }
}

test('a process is looked for again, in case that it was moved; one that is gone keeps its consumer', (t) => {
  const procfs = mkdtempSync(join(tmpdir(), 'processes-'))
  t.after(() => rmSync(procfs, { recursive: true }))
  const idOf = consumersIn(procfs)
  process(procfs, 7, '/system.slice/shim.service')
  assert.equal(idOf(7, 0), 'shim.service')
  process(procfs, 7, '/system.slice/real.service')
  assert.equal(idOf(7, 5), 'shim.service')
  assert.equal(idOf(7, 15), 'real.service')
  exit(procfs, 7)
  assert.equal(idOf(7, 30), 'real.service')
  assert.equal(idOf(8, 30), '', 'of the system, when nobody ever knew it')
})

test('a name with blanks and parentheses hides no start time, and texts that are none are of nobody', (t) => {
  const procfs = mkdtempSync(join(tmpdir(), 'processes-'))
  t.after(() => rmSync(procfs, { recursive: true }))
  const idOf = consumersIn(procfs)
  process(procfs, 7, '/system.slice/a.service', 5, 'a) b (c')
  assert.equal(idOf(7, 0), 'a.service')
  process(procfs, 7, '/system.slice/b.service', 6, 'a) b (c')
  assert.equal(idOf(8, 1), '')
  assert.equal(idOf(7, 2), 'b.service', 'the pid is another’s now')
  writeFileSync(join(procfs, '7/stat'), '7 (a')
  assert.equal(idOf(7, 15), 'b.service')
  process(procfs, 9, '')
  writeFileSync(join(procfs, '9/cgroup'), '')
  assert.equal(idOf(9, 2), '')
})

test('what is forgotten is looked for anew', (t) => {
  const procfs = mkdtempSync(join(tmpdir(), 'processes-'))
  t.after(() => rmSync(procfs, { recursive: true }))
  const consumers = new ProcessConsumers({ procfs, version: 2 })
  process(procfs, 7, '/system.slice/a.service')
  consumers.of(7, 0n, true)
  exit(procfs, 7)
  consumers.endFrame(59n * NS_PER_S)
  assert.equal(consumers.of(7, 59n * NS_PER_S, false).id, 'a.service')
  consumers.endFrame(120n * NS_PER_S)
  assert.equal(consumers.of(7, 120n * NS_PER_S, false).kind, 'system')
})

test('this very process is found in the kernel’s own files', () => {
  for (const version of [1, 2] as const) {
    const consumers = new ProcessConsumers({ procfs: '/proc', version })
    assert.deepEqual(consumers.of(globalThis.process.pid, 0n, true), consumers.self())
  }
})

test('the group of a process is that of the tree whose CPU time is counted', () => {
  const hybrid = '5:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n0::/system.slice/docker.service\n'
  assert.equal(groupOf(hybrid, 1), '/docker/abc')
  assert.equal(groupOf(hybrid, 2), '/system.slice/docker.service')
  assert.equal(groupOf('0::/../../a:b\\012c.service (deleted)\n', 2), '/a:b\nc.service')
  assert.equal(groupOf('0::/\n', 1), '/')
  assert.equal(groupOf('nonsense', 2), null)
})
