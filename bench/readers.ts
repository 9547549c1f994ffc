/** Readers beside the bare calls in C: `readers.h`. */
import { execFile } from 'node:child_process'
import { globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchRow } from './row.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')
/** Of a reader's time to that of the bare calls. */
export const AIM = 'at most 2x'

/** Compiles `readers-NAME.cc` with these folders of `native` beside the core. Returns what runs it and says what it prints. */
export async function compile(name: string, ...folders: readonly string[]) {
  const folder = join(ROOT, 'build/bench')
  mkdirSync(folder, { recursive: true })
  const binary = join(folder, `readers-${name}`)
  const native = globSync(`native/{core,${folders.join(',')}}/*.cc`, { cwd: ROOT })
  const sources = [`bench/readers-${name}.cc`, ...native]
  const options = ['-std=c++20', '-O2', '-Inative', '-I.', ...sources, '-lpthread', '-ldl', '-o', binary]
  await run('g++', options, { cwd: ROOT })
  return async (...args: readonly string[]): Promise<string> => (await run(binary, args)).stdout
}

/** What a row is named, and what the bare calls are. */
export type Label = readonly [name: string, calls: string]

/** Of lines of "NAME READER_NS BARE_NS", in the words of `labels`. */
export function readerRows(output: string, labels: Readonly<Record<string, Label>>): BenchRow[] {
  return [...output.matchAll(/^(\w+) (\d+) (\d+)$/gm)].map(([, reader = '', readerNs, bareNs]) =>
    readerRow(labels[reader] ?? [reader, 'calls'], Number(readerNs), Number(bareNs)),
  )
}

function readerRow([name, calls]: Label, readerNs: number, bareNs: number): BenchRow {
  const us = (ns: number): string => `${(ns / 1000).toFixed(2)} µs`
  return { name, figure: `${us(readerNs)}; bare ${calls} ${us(bareNs)}: ${(readerNs / bareNs).toFixed(2)}x`, aim: AIM }
}
