import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Attribution } from '../../src/attribution/attribution.ts'
import { CapacityReader } from '../../src/attribution/capacity.ts'
import { cgroupLayout } from '../../src/attribution/cgroup-layout.ts'
import { ConsumerWatch } from '../../src/attribution/consumer-watch.ts'
import { loadCurves } from '../../src/attribution/load-curves.ts'
import type { ConsumerRow } from '../../src/model/attribution.ts'
import { NO_FOOTPRINT } from '../../src/model/footprint.ts'
import type { CgroupTree } from '../../src/native/addon.ts'
import { systemClock } from '../../src/native/system-clock.ts'
import { RecordingLogger } from '../sampling/fakes.ts'
import { skipWithout } from '../systemd/program.ts'
import { BURN, countOf, removeGroups, runIn } from './real-groups.ts'

/*
 * Real processes in real control groups of this machine, whatever else runs here. What is invented is the meter: a machine
 * that draws 20 W idle, and 50 J more for each second of a processor.
 */

const ROOTS = { procfs: '/proc', cgroupfs: '/sys/fs/cgroup' }
const LEAF = 'processors/socket-0'
const IDLE_W = 20
const J_PER_CPU_S = 50
const TICK_MS = 1_000

const { signal } = new AbortController()
const layout = cgroupLayout(ROOTS)
const made: string[] = []
after(() => {
  for (const root of made) removeGroups(root)
})

function treeOf(quantity: CgroupTree['of']): CgroupTree | null {
  return layout?.trees.find((tree) => tree.of === quantity) ?? null
}

/** A group of our own in the tree that is followed; null where this user may make none. */
function ownGroup(): { readonly tree: CgroupTree; readonly path: string } | null {
  const tree = treeOf('usage')
  if (tree === null) return null
  try {
    const path = mkdtempSync(join(tree.root, 'wattledger-test-'))
    made.push(path)
    return { tree, path }
  } catch {
    return null
  }
}

class Split {
  readonly #logger = new RecordingLogger()
  readonly #source = new ConsumerWatch({
    roots: ROOTS,
    isRequired: true,
    name: (one) => one,
    bootId: 'boot',
    logger: this.#logger,
  })
  readonly account: Attribution
  readonly #root: CgroupTree
  readonly #rows: ConsumerRow[] = []
  #atNs = 0n
  #countNs = 0n
  #postedUj = 0n
  #attributedUj = 0n
  postedSeconds = 0
  cpus: number

  constructor(root: CgroupTree) {
    const capacity = new CapacityReader(ROOTS.procfs, performance.now.bind(performance))
    this.cpus = capacity.read().cpus
    this.#root = root
    this.account = new Attribution({
      source: this.#source,
      accelerators: { take: () => [], cards: [] },
      capacity: () => capacity.read(),
      curves: loadCurves(null),
      tenantOf: () => 'unassigned',
      booked: () => NO_FOOTPRINT,
      takeOwn: () => {},
      maxSeries: 200,
      unallocated: 'separate',
      clock: systemClock,
      logger: this.#logger,
    })
    // This machine was seen idle before.
    const idle = { [`${LEAF} measured`]: `0 600 0.0000 ${IDLE_W * 1e6}` }
    this.account.restore(
      { consumers: [], tenants: [], attributedUj: 0n, attributedBooked: NO_FOOTPRINT, idle, lastUse: '' },
      0n,
      0,
    )
  }

  /** Follows the machine while `work` is done, and returns what each consumer got, in J: idle and dynamic. */
  async during(work: () => Promise<void>): Promise<Map<string, { idleJ: number; dynamicJ: number }>> {
    await this.#source.start(signal)
    this.#mark()
    let isTicking = true
    const ticking = this.#tickWhile(() => isTicking)
    try {
      await work()
      await this.#tick()
      // Until a pass after the last work was taken.
      for (const dueUj = this.#postedUj; this.#attributedUj < dueUj; ) await setTimeout(50)
    } finally {
      isTicking = false
      await ticking
    }
    const { rows, state } = this.account.collect(true)
    this.#rows.push(...rows)
    await this.#source.stop()
    assert.equal(state.attributedUj, this.#postedUj)
    const joules = new Map<string, { idleJ: number; dynamicJ: number }>()
    for (const { consumer, idleUj, dynamicUj } of this.#rows) {
      const { idleJ, dynamicJ } = joules.get(consumer.name) ?? { idleJ: 0, dynamicJ: 0 }
      joules.set(consumer.name, { idleJ: idleJ + Number(idleUj) / 1e6, dynamicJ: dynamicJ + Number(dynamicUj) / 1e6 })
    }
    return joules
  }

  get postedJ(): number {
    return Number(this.#postedUj) / 1e6
  }

  #mark(): void {
    this.#atNs = systemClock.monotonicNs()
    this.#countNs = countOf(this.#root, this.#root.root)
  }

  async #tickWhile(isTicking: () => boolean): Promise<void> {
    while (isTicking()) {
      await setTimeout(TICK_MS)
      await this.#tick()
    }
  }

  /** At a pass over the groups: what else runs here at the edges of the work would blur its energy by up to a second. */
  async #tick(): Promise<void> {
    await this.#source.look()
    const [atNs, countNs] = [this.#atNs, this.#countNs]
    this.#mark()
    const seconds = Number(this.#atNs - atNs) / 1e9
    const joules = IDLE_W * seconds + (J_PER_CPU_S * Number(this.#countNs - countNs)) / 1e9
    const energyUj = BigInt(Math.round(joules * 1e6))
    this.#postedUj += energyUj
    this.postedSeconds += seconds
    const shares = [{ leaf: LEAF, part: 'processors' as const, quality: 'measured' as const, energyUj }]
    this.account.post({ startNs: atNs, endNs: this.#atNs, shares }, Math.round(Date.now() - seconds * 1e3))
    const { rows, state } = this.account.collect(false)
    this.#rows.push(...rows)
    this.#attributedUj = state.attributedUj
  }
}

const own = ownGroup()
const skip = own === null && 'no tree of control groups in which this user may make one'
const burn = (times: number) => `n=0; while [ $n -lt ${times} ]; do ${BURN}; n=$((n+1)); done`
const burnInChildren = (times: number) => `n=0; while [ $n -lt ${times} ]; do sh -c '${BURN}'; n=$((n+1)); done`

/** What a group is to get for what the kernel says that it used. */
const dueJ = (tree: CgroupTree, group: string): number => (J_PER_CPU_S * Number(countOf(tree, group))) / 1e9

function assertNear(t: TestContext, actual: number, truth: number, share: number, what: string): void {
  const off = actual / truth - 1
  assert.ok(Math.abs(off) <= share, `${what}: ${actual} instead of ${truth}, ${(off * 100).toFixed(2)} % off`)
  t.diagnostic(`${what}: ${(off * 100).toFixed(2)} % off`)
}

test('two busy loops of a known ratio have their energy in that ratio, within 1 %', { skip }, async (t) => {
  if (own === null) return
  const { tree, path } = own
  const [large, small] = [join(path, 'large.service'), join(path, 'small.service')]
  const joules = await new Split(tree).during(async () => {
    await Promise.all([runIn(large, burn(119)), runIn(small, burn(50))])
  })
  const got = (joules.get('large.service')?.dynamicJ ?? 0) / (joules.get('small.service')?.dynamicJ ?? 0)
  assertNear(t, got, dueJ(tree, large) / dueJ(tree, small), 0.01, 'the ratio of the loops')
  assertNear(t, joules.get('large.service')?.dynamicJ ?? 0, dueJ(tree, large), 0.01, 'the large loop')
  assertNear(t, joules.get('small.service')?.dynamicJ ?? 0, dueJ(tree, small), 0.01, 'the small loop')
})

test('a service of processes of 60 ms has as much as an equal loop, within 2 %', { skip }, async (t) => {
  if (own === null) return
  const { tree, path } = own
  const [short, loop] = [join(path, 'short.service'), join(path, 'loop.service')]
  const joules = await new Split(tree).during(async () => {
    await Promise.all([runIn(short, burnInChildren(60)), runIn(loop, burn(60))])
  })
  assertNear(t, joules.get('short.service')?.dynamicJ ?? 0, dueJ(tree, short), 0.02, 'the short processes')
  const got = (joules.get('short.service')?.dynamicJ ?? 0) / (joules.get('loop.service')?.dynamicJ ?? 0)
  assertNear(t, got, dueJ(tree, short) / dueJ(tree, loop), 0.02, 'short processes against the loop')
})

test('a busy loop beside an idle reservation has its dynamic share and no more', { skip }, async (t) => {
  const cpu = treeOf('cpu')
  if (own === null || cpu === null) return
  const { tree, path } = own
  const [reserved, busy] = [join(path, 'reserved.service'), join(path, 'busy.service')]
  const limits = join(cpu.root, relative(tree.root, reserved))
  try {
    mkdirSync(reserved)
    mkdirSync(limits, { recursive: true })
    if (cpu.root !== tree.root) made.push(join(cpu.root, relative(tree.root, path)))
    if (cpu.version === 2) writeFileSync(join(limits, 'cpu.max'), '100000 100000')
    else writeFileSync(join(limits, 'cpu.cfs_quota_us'), '100000')
  } catch {
    t.skip('no quota can be set here')
    return
  }
  const split = new Split(tree)
  const joules = await split.during(async () => {
    await runIn(busy, burn(60))
  })
  const idleJ = [...joules.values()].reduce((sum, one) => sum + one.idleJ, 0)
  assert.equal(joules.get('busy.service')?.idleJ, 0)
  assertNear(t, joules.get('busy.service')?.dynamicJ ?? 0, dueJ(tree, busy), 0.01, 'the loop')
  assert.equal(joules.get('reserved.service')?.dynamicJ, 0)
  assertNear(
    t,
    joules.get('reserved.service')?.idleJ ?? 0,
    idleJ / split.cpus,
    0.01,
    'the reservation of one processor',
  )
})

test('consumers that are born and die between two passes are in the rows', { skip }, async (t) => {
  if (own === null) return
  const { tree, path } = own
  let due = 0
  const names = Array.from({ length: 25 }, (_, index) => `job-${index}.scope`)
  const joules = await new Split(tree).during(async () => {
    for (const name of names) {
      const group = join(path, 'batch.slice', name)
      await runIn(group, `sh -c '${BURN}'`)
      due += dueJ(tree, group)
      rmdirSync(group)
    }
  })
  const missing = names.filter((name) => !((joules.get(name)?.dynamicJ ?? 0) > 0))
  assert.deepEqual(missing, [])
  const all = [...names, 'batch.slice'].reduce((sum, name) => sum + (joules.get(name)?.dynamicJ ?? 0), 0)
  assertNear(t, all, due, 0.02, 'all of them together')
})

test('stress-ng: a full load beside a half one, each has its energy within 1 %', { skip }, async (t) => {
  if (own === null || skipWithout(t, 'stress-ng')) return
  const { tree, path } = own
  const [full, half] = [join(path, 'full.service'), join(path, 'half.service')]
  const joules = await new Split(tree).during(async () => {
    await Promise.all([
      runIn(full, 'stress-ng --quiet --cpu 1 --timeout 9s'),
      runIn(half, 'stress-ng --quiet --cpu 1 --cpu-load 50 --timeout 9s'),
    ])
  })
  const [fullJ, halfJ] = [full, half].map((group) => joules.get(basename(group))?.dynamicJ ?? 0)
  assertNear(t, fullJ ?? 0, dueJ(tree, full), 0.01, 'the full load')
  assertNear(t, halfJ ?? 0, dueJ(tree, half), 0.01, 'the half load')
  assertNear(t, (fullJ ?? 0) / (halfJ ?? 0), dueJ(tree, full) / dueJ(tree, half), 0.01, 'their ratio')
})

test('stress-ng: processes that fork and end all the time have their energy within 2 %', { skip }, async (t) => {
  if (own === null || skipWithout(t, 'stress-ng')) return
  const { tree, path } = own
  const [forks, loop] = [join(path, 'forks.service'), join(path, 'steady.service')]
  const joules = await new Split(tree).during(async () => {
    await Promise.all([
      runIn(forks, 'stress-ng --quiet --fork 1 --timeout 8s'),
      runIn(loop, 'stress-ng --quiet --cpu 1 --timeout 8s'),
    ])
  })
  assertNear(t, joules.get('forks.service')?.dynamicJ ?? 0, dueJ(tree, forks), 0.02, 'the forks')
  assertNear(t, joules.get('steady.service')?.dynamicJ ?? 0, dueJ(tree, loop), 0.02, 'the loop')
})

for (const load of [0, 50, 100]) {
  test(`stress-ng: at ${load} % load idle is what the machine draws idle, within 1 %`, { skip }, async (t) => {
    if (own === null || skipWithout(t, 'stress-ng')) return
    const { tree, path } = own
    const split = new Split(tree)
    const began = performance.now()
    const joules = await split.during(async () => {
      const work = load === 0 ? 'sleep 4' : `stress-ng --quiet --cpu 0 --cpu-load ${load} --timeout 4s`
      await runIn(join(path, `load-${load}.service`), work)
    })
    const idleJ = [...joules.values()].reduce((sum, one) => sum + one.idleJ, 0)
    const seconds = split.postedSeconds
    assert.ok(seconds > 4 && seconds < (performance.now() - began) / 1e3)
    assertNear(t, idleJ, IDLE_W * seconds, 0.01, 'idle')
  })
}
