import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cgroupLayout } from '../../src/attribution/cgroup-layout.ts'
import type { CgroupTree } from '../../src/native/addon.ts'

/** A group of our own in each tree of this machine in which root may make one: the usage of v1's cpuacct, or of v2. */
export function writableTrees(): CgroupTree[] {
  const candidates: CgroupTree[] = [
    { of: 'usage', root: '/sys/fs/cgroup/unified', version: 2 },
    { of: 'usage', root: '/sys/fs/cgroup/cpuacct', version: 1 },
  ]
  const own = cgroupLayout({ procfs: '/proc', cgroupfs: '/sys/fs/cgroup' })?.trees.find(({ of }) => of === 'usage')
  const trees = new Map([...candidates, ...(own ? [own] : [])].map((tree) => [tree.root, tree]))
  return [...trees.values()].flatMap((tree) => {
    try {
      return [{ ...tree, root: mkdtempSync(join(tree.root, 'wattledger-test-')) }]
    } catch {
      return []
    }
  })
}

export function removeGroups(root: string): void {
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroups(join(root, entry.name))
  }
  rmdirSync(root)
}

/** All that was ever used in a group, in ns. */
export function countOf({ version }: CgroupTree, group: string): bigint {
  if (version === 1) return BigInt(readFileSync(join(group, 'cpuacct.usage'), 'utf8').trim())
  return BigInt(/^usage_usec (\d+)/m.exec(readFileSync(join(group, 'cpu.stat'), 'utf8'))?.[1] ?? '') * 1_000n
}

/** Some tens of milliseconds of a processor. */
export const BURN = 'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done'

/**
 * Runs a script of sh inside a group, which it enters first. What it and its children used of the processors after that, in
 * ns, is what the shell says when it ends (times(2), hundredths of a second).
 */
export async function runIn(group: string, script: string): Promise<bigint> {
  mkdirSync(group, { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-script-'))
  const file = join(folder, 'run')
  writeFileSync(file, `echo 0 > '${group}/cgroup.procs' || exit 9\n${script}\ntimes\n`)
  const child = spawn('sh', [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  const [code] = await once(child, 'close')
  rmSync(folder, { recursive: true })
  if (code !== 0) throw new Error(`${group}: the script ended with ${code}`)
  const times = [...text.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  )
  return BigInt(Math.round(times.reduce((sum, seconds) => sum + seconds, 0) * 1e9))
}
