import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import { NS_PER_S } from '../src/model/units.ts'
import { clock, countersOf, fail, Passes } from './passes.ts'
import type { BenchRow } from './row.ts'

const GPUS = 16
const CHANNELS = 4 + GPUS
const WARM_UP_S = 600
const HOUR_S = 3_600
const ALLOCATING_S = 600

/** Of all threads of this process. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function perPass(passes: Passes, seconds: number, spent: () => number): Promise<number> {
  const before = spent()
  for (let second = 0; second < seconds; second++) await passes.pass()
  return (spent() - before) / seconds
}

/** A pass that only adds up what the counters counted. */
function bareUs(): number {
  const sensors = countersOf(GPUS)
  const lastUj = new Map<string, bigint>()
  let sumUj = 0n
  const before = cpuUs()
  for (let second = 0; second < HOUR_S; second++) {
    clock.ns += NS_PER_S
    for (const sensor of sensors) {
      for (const [n, reading] of (sensor.drain()[0]?.readings ?? []).entries()) {
        if (reading.status !== 'counter') continue
        const key = `${sensor.name} ${n}`
        sumUj += reading.count - (lastUj.get(key) ?? reading.count)
        lastUj.set(key, reading.count)
      }
    }
  }
  return sumUj > 0n ? (cpuUs() - before) / HOUR_S : fail('nothing counted')
}

/** Of the passes in which nothing was collected. */
async function bytesPerPass(passes: Passes): Promise<number> {
  let [bytes, counted] = [0, 0]
  for (let second = 0; second < ALLOCATING_S; second++) {
    const before = getHeapStatistics().used_heap_size
    await passes.pass()
    const grown = getHeapStatistics().used_heap_size - before
    if (grown <= 0) continue
    bytes += grown
    counted += 1
  }
  return bytes / counted
}

/** An hour of a machine of 20 channels with a scrape each 15 s: what the daemon costs beside reading and answering. */
export async function tickRows(): Promise<BenchRow[]> {
  const root = mkdtempSync(join(tmpdir(), 'bench-'))
  const passes = new Passes(root, GPUS)
  try {
    await passes.start()
    await perPass(passes, WARM_UP_S, cpuUs)
    const us = await perPass(passes, HOUR_S, cpuUs)
    const bytes = await bytesPerPass(passes)
    await passes.stop()
    const sumsUs = bareUs()
    return [
      {
        name: `tick, ${CHANNELS} channels, CPU / bare sums`,
        figure: `${us.toFixed(0)} µs / ${(us / sumsUs).toFixed(1)}`,
        aim: 'below 300 µs / 60',
      },
      { name: `tick, ${CHANNELS} channels, allocated`, figure: `${(bytes / 1e3).toFixed(0)} kB`, aim: 'below 200 kB' },
    ]
  } finally {
    rmSync(root, { recursive: true })
  }
}
