import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { cgroupLayout } from '../../src/attribution/cgroup-layout.ts'

const V1 = [
  '31 23 0:28 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755',
  '32 31 0:29 / /sys/fs/cgroup/systemd rw shared:9 - cgroup cgroup rw,xattr,name=systemd',
  '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup rw,cpu,cpuacct',
  '34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset',
  '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
  '36 31 0:33 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices',
]
const UNIFIED = '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wattledger-layout-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function layout(mountinfo: readonly string[], folders: readonly string[] = [], process = 'self') {
  const [procfs, cgroupfs] = [join(root, 'proc'), join(root, 'cgroup')]
  mkdirSync(join(procfs, process), { recursive: true })
  writeFileSync(join(procfs, process, 'mountinfo'), `${mountinfo.join('\n')}\n`)
  for (const folder of folders) mkdirSync(join(cgroupfs, folder), { recursive: true })
  const found = cgroupLayout({ procfs, cgroupfs })
  const trees = found?.trees.map(({ of, root: at, version }) => `${of} v${version} ${at.replace(cgroupfs, '')}`)
  return found && { shape: found.shape, trees }
}

test('v2 has one tree for everything', () => {
  assert.deepEqual(layout(['30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot']), {
    shape: 'v2',
    trees: ['usage v2 ', 'memory v2 ', 'cpu v2 ', 'cpuset v2 '],
  })
})

test('v1 has one for each controller, which may share', () => {
  assert.deepEqual(layout(V1), {
    shape: 'v1',
    trees: ['usage v1 /cpu,cpuacct', 'memory v1 /memory', 'cpu v1 /cpu,cpuacct', 'cpuset v1 /cpuset'],
  })
})

test('hybrid: cpuacct is walked, and the tree of v2 where systemd keeps its services in that alone', () => {
  const v1 = ['memory v1 /memory', 'cpu v1 /cpu,cpuacct', 'cpuset v1 /cpuset']
  assert.deepEqual(layout([...V1, UNIFIED]), { shape: 'hybrid', trees: ['usage v1 /cpu,cpuacct', ...v1] })
  assert.deepEqual(layout([...V1, UNIFIED], ['unified/system.slice']), {
    shape: 'hybrid',
    trees: ['usage v2 /unified', ...v1],
  })
  assert.deepEqual(layout([...V1, UNIFIED], ['cpu,cpuacct/system.slice']), {
    shape: 'hybrid',
    trees: ['usage v1 /cpu,cpuacct', ...v1],
  })
})

test('a controller that is not mounted is left out', () => {
  assert.deepEqual(layout(['33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct']), {
    shape: 'v1',
    trees: ['usage v1 /cpuacct'],
  })
})

test('the whole comes before a part of it, odd places are taken as they are, and escapes are undone', () => {
  const part = '50 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw'
  const whole = '51 23 0:26 / /host\\040files/cgroup rw - cgroup2 cgroup2 rw'
  assert.equal(layout([part, whole])?.trees?.[0], 'usage v2 /host files/cgroup')
  assert.equal(layout([part])?.trees?.[0], 'usage v2 ')
})

test('the first process tells where this one is of another namespace', () => {
  assert.equal(layout(V1, [], '1')?.shape, 'v1')
})

test('without a list the files tell, and without both there are no groups', () => {
  assert.equal(layout(['22 1 0:20 / /proc rw - proc proc rw', '']), null)
  mkdirSync(join(root, 'cgroup'), { recursive: true })
  writeFileSync(join(root, 'cgroup/cgroup.controllers'), 'cpu memory\n')
  assert.equal(layout(['broken'])?.shape, 'v2')
})
