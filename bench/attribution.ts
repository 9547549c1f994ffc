import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Host } from '../test/evidence/agent.ts'
import { bare } from '../test/evidence/bare.ts'
import { xeon2s } from '../test/fixtures/machines/rapl.ts'
import { asInstalled } from './as-installed.ts'
import { cpuSeconds, residentMb } from './process-cost.ts'
import type { BenchRow } from './row.ts'

const WARM_UP_MS = 15_000
const MEASURED_MS = 30_000
const CONSUMERS = [0, 100, 1_000]
/** Each uses so much in a second, has memory and has reserved a hundredth of a core. */
const USED_US = 500

/** The daemon with RAPL and services all of which do something, in a tree of files that is written each second. */
export async function attributionRows(): Promise<BenchRow[]> {
  const program = asInstalled()
  const rows: BenchRow[] = []
  for (const consumers of CONSUMERS) {
    using tree = new Tree(consumers)
    await using host = new Host(
      { ...bare, ...xeon2s },
      { paths: { cgroupfs: tree.root }, ledger: { flush: '2m' }, log: { level: 'info' } },
    )
    const agent = await host.start(program)
    await setTimeout(WARM_UP_MS)
    const before = cpuSeconds(agent)
    await setTimeout(MEASURED_MS)
    const share = (cpuSeconds(agent) - before) / (MEASURED_MS / 1e3)
    rows.push({
      name: `agent that splits among ${consumers} busy consumers`,
      figure: `${(share * 100).toFixed(2)} % of a core, ${residentMb(agent).toFixed(1)} MB`,
      aim: consumers === 1_000 ? 'below 3 %' : '',
    })
  }
  return rows
}

/** Services of cgroup v2. */
class Tree implements Disposable {
  readonly root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'wattledger-bench-'))
  readonly #slice = join(this.root, 'system.slice')
  readonly #groups: readonly string[]
  readonly #writing = setInterval(() => this.#write(), 1_000)
  #usedUs = 0

  constructor(consumers: number) {
    writeFileSync(join(this.root, 'cgroup.controllers'), 'cpu memory\n')
    this.#groups = Array.from({ length: consumers }, (_, index) => join(this.#slice, `service-${index}.service`))
    mkdirSync(this.#slice)
    for (const group of this.#groups) {
      mkdirSync(group)
      writeFileSync(join(group, 'memory.current'), `${1 << 24}\n`)
      writeFileSync(join(group, 'memory.max'), 'max\n')
      writeFileSync(join(group, 'cpu.max'), '1000 100000\n')
    }
    this.#write()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#writing)
    rmSync(this.root, { recursive: true })
  }

  #write(): void {
    this.#usedUs += USED_US
    const all = this.#usedUs * this.#groups.length
    for (const group of this.#groups) writeFileSync(join(group, 'cpu.stat'), `usage_usec ${this.#usedUs}\n`)
    for (const around of [this.#slice, this.root]) writeFileSync(join(around, 'cpu.stat'), `usage_usec ${all}\n`)
  }
}
