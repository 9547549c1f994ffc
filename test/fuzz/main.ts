/**
 * `npm run test:fuzz:js -- [TARGET ...]`: fuzzes each target for FUZZ_SECONDS, guided by coverage, from its kept corpus and from what
 * earlier runs here have found. An input that breaks a promise, hangs or fills the memory is written to build/fuzz, and the
 * status is 1. FUZZ_SEED repeats a run.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { LONGEST_INPUT } from './mutate.ts'
import { TARGETS } from './targets/index.ts'
import type { Order, Outcome } from './worker.ts'

const HANG_MS = 10_000
const MEMORY_MB = 256
const FOLDER = resolve(import.meta.dirname, '../../build/fuzz')

const seconds = Number(process.env.FUZZ_SECONDS ?? 20)
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 32)
const wanted = process.argv.slice(2)

function fuzz(target: string): Promise<Outcome> {
  const begun = new Int32Array(new SharedArrayBuffer(8))
  begun[1] = -1
  const input = new Uint8Array(new SharedArrayBuffer(LONGEST_INPUT))
  const order: Order = { target, seconds, seed, begun, input }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  })
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      clearInterval(watch)
      const file = join(FOLDER, `failure-${target}`)
      writeFileSync(file, input.subarray(0, Math.max(0, begun[1] ?? 0)))
      reject(new Error(`${target}: ${reason}\nthe input is in ${file}; FUZZ_SEED=${seed}`))
      void worker.terminate()
    }
    const lastMs = performance.now() + seconds * 1e3 + 10 * HANG_MS
    let before = -1
    const watch = setInterval(() => {
      const now = Atomics.load(begun, 0)
      if (now === before && (begun[1] ?? 0) >= 0) fail(`one input takes longer than ${HANG_MS / 1e3} s`)
      else if (performance.now() > lastMs) fail('it does not end')
      before = now
    }, HANG_MS)
    worker.once('message', (outcome: Outcome) => {
      clearInterval(watch)
      resolve(outcome)
    })
    worker.once('error', (error) => fail(error instanceof Error ? String(error.stack) : String(error)))
  })
}

mkdirSync(FOLDER, { recursive: true })
for (const { name } of TARGETS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  try {
    const { runs, found } = await fuzz(name)
    console.log(`${name}: ${runs} inputs, ${found} reached something new`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
