/** What one pass of the `files` and `perf` readers costs beside the bare system calls in C. */
import { execFile } from 'node:child_process'
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchRow } from './row.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')
const FILES = 8
/** Small sysfs attributes that hold a number, as `energy_uj` does: on every machine, with RAPL or without. */
const ATTRIBUTES = '/sys/devices/system/cpu/cpu*/{topology/{physical_package_id,core_id,die_id},cache/index*/level}'

/** No row for perf events where the kernel refuses them. */
export async function raplRows(): Promise<BenchRow[]> {
  const { stdout } = await run(await compile(), numericFiles())
  return [...stdout.matchAll(/^(\w+) (\d+) (\d+)$/gm)].map(([, reader, passNs, bareNs]) => {
    const [name, call] = LABELS[reader as keyof typeof LABELS]
    return row(name, call, Number(passNs), Number(bareNs))
  })
}

const LABELS = {
  files: [`files reader, one pass of ${FILES} files`, 'pread'],
  perf: ['perf reader, a group of 5 events', 'read'],
} as const

function row(name: string, call: string, passNs: number, bareNs: number): BenchRow {
  const us = (ns: number): string => `${(ns / 1000).toFixed(2)} µs`
  return {
    name,
    figure: `${us(passNs)}; bare ${call} ${us(bareNs)}: ${(passNs / bareNs).toFixed(2)}x`,
    aim: 'at most 2x',
  }
}

function numericFiles(): string[] {
  const numeric = globSync(ATTRIBUTES).filter((path) => /^\d+\n$/.test(readFileSync(path, 'utf8')))
  return Array.from({ length: FILES }, (_, index) => numeric[index % numeric.length] ?? '/dev/null')
}

async function compile(): Promise<string> {
  const folder = join(ROOT, 'build/bench')
  mkdirSync(folder, { recursive: true })
  const binary = join(folder, 'readers-rapl')
  const native = globSync('native/{core,files,rapl}/*.cc', { cwd: ROOT })
  await run('g++', ['-std=c++20', '-O2', '-Inative', 'bench/readers-rapl.cc', ...native, '-lpthread', '-o', binary], {
    cwd: ROOT,
  })
  return binary
}
