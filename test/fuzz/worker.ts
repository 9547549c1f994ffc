/** Fuzzes one target until its time is over, on a thread of its own, so that a hang and a full memory can be told. */
import { parentPort, workerData } from 'node:worker_threads'
import { foundCorpus, keptCorpus, noteFound } from './corpus.ts'
import { Coverage } from './coverage.ts'
import { LONGEST_INPUT, mutate } from './mutate.ts'
import { Random } from './random.ts'
import { TARGETS } from './targets/index.ts'

/** What the watcher sees of a worker: how many inputs it has begun, and the present one with its length; -1 between two. */
export interface Shared {
  readonly begun: Int32Array<SharedArrayBuffer>
  readonly input: Uint8Array<SharedArrayBuffer>
}

export interface Order extends Shared {
  readonly target: string
  readonly seconds: number
  readonly seed: number
}

export interface Outcome {
  readonly runs: number
  readonly found: number
}

const { target: name, seconds, seed, begun, input: present } = workerData as Order
const target = TARGETS.find((candidate) => candidate.name === name)
if (target === undefined) throw new Error(`no target ${name}`)

const BATCH = 32
/** Starting, and asking for the coverage, takes a busy machine as long as it likes. */
const BETWEEN = -1

const random = new Random(seed)
const coverage = new Coverage()
const kept = keptCorpus(name).map(({ input }) => input)
const corpus = [...kept, ...foundCorpus(name)].filter(({ length }) => length <= LONGEST_INPUT)
const untilMs = performance.now() + seconds * 1e3
let runs = 0
let found = 0

async function run(input: Buffer): Promise<void> {
  present.set(input)
  begun[1] = input.length
  Atomics.add(begun, 0, 1)
  runs += 1
  await target?.run(input)
  begun[1] = BETWEEN
}

/** Asking for the coverage takes longer than most inputs, so it is asked once for many; then for each if there is any. */
async function tryAll(inputs: readonly Buffer[]): Promise<void> {
  for (const input of inputs) await run(input)
  if (!coverage.hasNew()) return
  for (const input of inputs) {
    await run(input)
    if (coverage.noteNew() === 0) continue
    corpus.push(input)
    noteFound(name, input)
    found += 1
  }
}

coverage.start()
for (const input of corpus) await run(input)
coverage.noteNew()
while (performance.now() < untilMs) {
  await tryAll(Array.from({ length: BATCH }, () => mutate(corpus, target.tokens, random)))
}
coverage.stop()
await target.close?.()
parentPort?.postMessage({ runs, found } satisfies Outcome)
