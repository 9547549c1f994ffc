/** What following control groups costs: a pass over a thousand, one over far too many, and a million that come and go. */
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile } from './readers.ts'
import type { BenchRow } from './row.ts'

const BIRTHS = 1_000_000

export async function cgroupRows(): Promise<BenchRow[]> {
  const run = await compile('cgroup', 'cgroup')
  const measure = async (...args: string[]) => (await run(...args)).trim().split(' ').map(Number)
  const rows: BenchRow[] = []
  for (const { root, version } of realTrees()) {
    const [passNs = 0, bareNs = 0] = await measure('pass', root, `${version}`, '1000')
    rmdirSync(root)
    rows.push({
      name: `cgroup reader, one pass of 1000 groups of v${version}`,
      figure: `${ms(passNs)}; bare pread ${ms(bareNs)}: ${(passNs / bareNs).toFixed(2)}x`,
      aim: 'below 5 ms',
    })
  }
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'wattledger-bench-'))
  try {
    const many = join(folder, 'many')
    mkdirSync(many)
    const [passNs = 0, , followed = 0, truncated = 0] = await measure('pass', many, '2', '100000')
    rows.push({
      name: 'cgroup reader, one pass of 100000 groups',
      figure: `${ms(passNs)}; ${followed} followed, ${truncated} told as not`,
      aim: 'bounded',
    })
    const few = join(folder, 'few')
    mkdirSync(few)
    const [births = 0, warmKb = 0, endKb = 0, eachNs = 0] = await measure('churn', few, `${BIRTHS}`)
    rows.push({
      name: `cgroup reader, ${births - 1} births and deaths`,
      figure: `${(warmKb / 1024).toFixed(1)} MB after a tenth, ${(endKb / 1024).toFixed(1)} MB in the end; ${(eachNs / 1000).toFixed(1)} µs each`,
      aim: 'flat',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
  return rows
}

/** None where this user may make no groups. */
function realTrees(): { root: string; version: 1 | 2 }[] {
  const trees = [
    { root: '/sys/fs/cgroup', version: 2 as const },
    { root: '/sys/fs/cgroup/unified', version: 2 as const },
    { root: '/sys/fs/cgroup/cpuacct', version: 1 as const },
    { root: '/sys/fs/cgroup/cpu,cpuacct', version: 1 as const },
  ]
  return trees.flatMap(({ root, version }) => {
    if (!existsSync(join(root, version === 2 ? 'cpu.stat' : 'cpuacct.usage'))) return []
    try {
      return [{ root: mkdtempSync(join(root, 'wattledger-bench-')), version }]
    } catch {
      return []
    }
  })
}

const ms = (ns: number): string => `${(ns / 1e6).toFixed(2)} ms`
