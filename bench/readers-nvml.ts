/** What one pass of the NVML reader over 8 GPUs of the test library costs beside the bare calls in C. */
import { execFile } from 'node:child_process'
import { globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NvmlMachine } from '../test/fixtures/nvml/machine.ts'
import type { BenchRow } from './row.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')
const GPUS = 8

/**
 * The test library makes one system call in each function, a stat; the real one makes an ioctl at least, beside which what
 * the reader adds is less still.
 */
export async function nvmlRows(): Promise<BenchRow[]> {
  using machine = await NvmlMachine.create({ control: [`gpus ${GPUS}`, 'gpu * step-mj 300'] })
  const { stdout } = await run(await compile(), [machine.library])
  return [...stdout.matchAll(/^(\w+) (\d+) (\d+)$/gm)].map(([, source, passNs, bareNs]) =>
    row(LABELS[source as keyof typeof LABELS], Number(passNs), Number(bareNs)),
  )
}

const LABELS = {
  energy: `nvml reader, energy of ${GPUS} GPUs`,
  instant: `nvml reader, power of ${GPUS} GPUs by field values`,
  watched: `nvml reader, energy of ${GPUS} GPUs watched beside their power`,
} as const

function row(name: string, passNs: number, bareNs: number): BenchRow {
  const us = (ns: number): string => `${(ns / 1000).toFixed(2)} µs`
  return {
    name,
    figure: `${us(passNs)}; bare calls ${us(bareNs)}: ${(passNs / bareNs).toFixed(2)}x`,
    aim: 'at most 2x',
  }
}

async function compile(): Promise<string> {
  const folder = join(ROOT, 'build/bench')
  mkdirSync(folder, { recursive: true })
  const binary = join(folder, 'readers-nvml')
  const native = globSync('native/{core,nvml}/*.cc', { cwd: ROOT })
  await run(
    'g++',
    ['-std=c++20', '-O2', '-Inative', 'bench/readers-nvml.cc', ...native, '-lpthread', '-ldl', '-o', binary],
    {
      cwd: ROOT,
    },
  )
  return binary
}
