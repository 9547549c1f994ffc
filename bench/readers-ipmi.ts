/** What one DCMI reading costs through the reader beside a bare exchange over a socket, with ipmi_sim as the BMC. */
import { execFile } from 'node:child_process'
import { globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { labIsMissing, startBmc } from '../test/lab/bmc.ts'
import { LAB_IDENTITY } from '../test/lab/machine.ts'
import type { BenchRow } from './row.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')
const NAME = 'ipmi reader, one DCMI reading'
const AIM = 'at most 2x'

/** ipmi_sim answers at once; a real BMC takes 5 to 100 ms, beside which what the reader adds is nothing. */
export async function ipmiRows(): Promise<BenchRow[]> {
  const missing = labIsMissing()
  if (missing !== false) return [{ name: NAME, figure: `not taken: ${missing}`, aim: AIM }]
  await using bmc = await startBmc()
  const { stdout } = await run(await compile(), [new URL(bmc.vmUrl).port, LAB_IDENTITY])
  const [readerNs = 0, bareNs = 0] = stdout.trim().split(' ').map(Number)
  const us = (ns: number): string => `${(ns / 1000).toFixed(1)} µs`
  const figure = `${us(readerNs)}; bare exchange ${us(bareNs)}: ${(readerNs / bareNs).toFixed(2)}x`
  return [{ name: NAME, figure, aim: AIM }]
}

async function compile(): Promise<string> {
  const folder = join(ROOT, 'build/bench')
  mkdirSync(folder, { recursive: true })
  const binary = join(folder, 'readers-ipmi')
  const native = globSync('native/{core,ipmi}/*.cc', { cwd: ROOT })
  await run('g++', ['-std=c++20', '-O2', '-Inative', 'bench/readers-ipmi.cc', ...native, '-lpthread', '-o', binary], {
    cwd: ROOT,
  })
  return binary
}
