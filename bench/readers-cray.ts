/** What one pass of the reader of a Cray's counters costs beside the bare calls in C. */
import { execFile } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crayEx } from '../test/fixtures/machines/cray.ts'
import { writeMachine } from '../test/fixtures/machines/machine.ts'
import type { BenchRow } from './row.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')

export async function crayRows(): Promise<BenchRow[]> {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-bench-'))
  try {
    writeMachine(root, crayEx)
    const { stdout } = await run(await compile(), [join(root, 'sys/cray/pm_counters')])
    const [passNs = 0, bareNs = 0] = stdout.split(' ').map(Number)
    const us = (ns: number): string => `${(ns / 1000).toFixed(2)} µs`
    return [
      {
        name: 'cray reader, five counters of a node',
        figure: `${us(passNs)}; bare pread ${us(bareNs)}: ${(passNs / bareNs).toFixed(2)}x`,
        aim: 'at most 2x',
      },
    ]
  } finally {
    rmSync(root, { recursive: true })
  }
}

async function compile(): Promise<string> {
  const folder = join(ROOT, 'build/bench')
  mkdirSync(folder, { recursive: true })
  const binary = join(folder, 'readers-cray')
  const native = globSync('native/{core,files}/*.cc', { cwd: ROOT })
  await run('g++', ['-std=c++20', '-O2', '-Inative', 'bench/readers-cray.cc', ...native, '-lpthread', '-o', binary], {
    cwd: ROOT,
  })
  return binary
}
