/** What one pass of the readers of AMD's cards and processors costs beside the bare calls in C. */
import { execFile } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gpuMetrics } from '../test/fixtures/machines/amdgpu.ts'
import type { BenchRow } from './row.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')

/** The firmware takes a millisecond to fill a table or to answer, beside which what the readers add is nothing. */
export async function amdRows(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-bench-'))
  try {
    const table = join(folder, 'gpu_metrics')
    writeFileSync(table, gpuMetrics('1.3', { power: 92, energy: 5n }))
    const { stdout } = await run(await compile(), [table])
    return [...stdout.matchAll(/^(\w+) (\d+) (\d+)$/gm)].map(([, reader, passNs, bareNs]) => {
      const [name, call] = LABELS[reader as keyof typeof LABELS]
      return row(name, call, Number(passNs), Number(bareNs))
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const LABELS = {
  words: ['amdgpu reader, one table of a card', 'pread'],
  hsmp: ['hsmp reader, power of one socket', 'ioctl'],
} as const

function row(name: string, call: string, passNs: number, bareNs: number): BenchRow {
  const us = (ns: number): string => `${(ns / 1000).toFixed(2)} µs`
  return {
    name,
    figure: `${us(passNs)}; bare ${call} ${us(bareNs)}: ${(passNs / bareNs).toFixed(2)}x`,
    aim: 'at most 2x',
  }
}

async function compile(): Promise<string> {
  const folder = join(ROOT, 'build/bench')
  mkdirSync(folder, { recursive: true })
  const binary = join(folder, 'readers-amd')
  const native = globSync('native/{core,files,hsmp}/*.cc', { cwd: ROOT })
  await run('g++', ['-std=c++20', '-O2', '-Inative', 'bench/readers-amd.cc', ...native, '-lpthread', '-o', binary], {
    cwd: ROOT,
  })
  return binary
}
