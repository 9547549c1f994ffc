import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Allocations, NO_ALLOCATIONS } from '../../src/attribution/accelerator-allocations.ts'
import { AcceleratorBook } from '../../src/attribution/accelerator-book.ts'
import { ProcessConsumers, type ProcessRoots } from '../../src/attribution/accelerator-processes.ts'
import type { AcceleratorUse } from '../../src/attribution/accelerator-use.ts'
import { consumerKey } from '../../src/model/consumer.ts'
import { type AcceleratorState, AcceleratorWatch } from '../../src/native/accelerator-watch.ts'
import { NvmlMachine, type NvmlMachineOptions } from '../fixtures/nvml/machine.ts'

export const { signal } = new AbortController()

/** A process of a generated /proc, in a group of cgroup v2. */
export function process(procfs: string, pid: number, group: string, startTime = 1000, command = 'python'): void {
  mkdirSync(join(procfs, `${pid}`), { recursive: true })
  const before = `S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0`
  writeFileSync(join(procfs, `${pid}/stat`), `${pid} (${command}) ${before} ${startTime} 0 0\n`)
  writeFileSync(join(procfs, `${pid}/cgroup`), `0::${group}\n`)
}

export function exit(procfs: string, pid: number): void {
  rmSync(join(procfs, `${pid}`), { recursive: true })
}

/** The real reader on the test library, and the book of what it sees. */
export interface Rig {
  readonly machine: NvmlMachine
  readonly procfs: string
  /** Sweeps once more: uses of the time since the sweep before. */
  sweep(allocations?: Allocations): Promise<{ uses: readonly AcceleratorUse[]; devices: readonly AcceleratorState[] }>
}

export async function rigOf(test: TestContext, options: NvmlMachineOptions, roots?: ProcessRoots): Promise<Rig> {
  const machine = await NvmlMachine.create(options)
  const procfs = join(machine.directory, 'proc')
  const watch = new AcceleratorWatch({ library: machine.library, intervalMs: 3_600_000, recoverAfterMs: 0 })
  test.after(async () => {
    await watch.close()
    machine[Symbol.dispose]()
  })
  await watch.open(10_000, signal)
  const book = new AcceleratorBook(new ProcessConsumers(roots ?? { procfs, version: 2 }))
  return {
    machine,
    procfs,
    async sweep(allocations = NO_ALLOCATIONS) {
      await watch.sweepNow(10_000, signal)
      const frames = watch.take().map((frame) => ({ frame, uses: book.take(frame, allocations) }))
      const last = frames.at(-1)
      return { uses: last?.uses ?? [], devices: last?.frame.devices ?? [] }
    },
  }
}

/** Parts of a card's interval in thousandths, by consumer: what is used and reserved. */
export function sharesOf({ startNs, endNs, holders }: AcceleratorUse): Record<string, readonly [number, number]> {
  const part = (ns: bigint): number => Math.round(Number((ns * 1_000_000n) / (endNs - startNs)) / 1000)
  return Object.fromEntries(
    holders.map(({ consumer, use, reserved }) => [consumerKey(consumer), [part(use), part(reserved)]]),
  )
}
