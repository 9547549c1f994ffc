import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { cgroupLayout } from '../../src/attribution/cgroup-layout.ts'
import { type CpuUse, UsageBook } from '../../src/attribution/usage.ts'
import { CgroupWatch } from '../../src/native/cgroup-watch.ts'
import { BURN, countOf, removeGroups, runIn, writableTrees } from './real-groups.ts'

const { signal } = new AbortController()
const PATIENCE_MS = 30_000
const ONLY_WHEN_ASKED_MS = 3_600_000
const trees = writableTrees()
after(() => {
  for (const { root } of trees) removeGroups(root)
})

const useOf = ({ uses }: CpuUse, name: string) => uses.find(({ consumer }) => consumer.name === name)?.cpuNs ?? 0n
const assertNear = (actual: bigint, truth: bigint, share: number, what: string) => {
  const off = Number(actual - truth) / Number(truth)
  assert.ok(Math.abs(off) <= share, `${what}: ${actual} of ${truth} ns, ${(off * 100).toFixed(2)} % off`)
}

if (trees.length === 0)
  test('real groups', { skip: 'no tree of control groups in which this user may make one' }, () => {})

for (const tree of trees) {
  async function watched(act: (look: () => Promise<CpuUse>) => Promise<void>): Promise<void> {
    const watch = new CgroupWatch({ trees: [tree], stat: '', intervalMs: ONLY_WHEN_ASKED_MS })
    const book = new UsageBook()
    try {
      await watch.open(PATIENCE_MS, signal)
      await act(async () => {
        await watch.passNow(PATIENCE_MS, signal)
        const frame = watch.take()
        assert.ok(frame)
        return book.take(frame)
      })
    } finally {
      await watch.close()
    }
  }

  test(`v${tree.version}: a group of another name is no newcomer`, {
    skip: tree.version === 2 && 'v2 knows no such',
  }, async () => {
    await watched(async (look) => {
      const [before, renamed] = ['before.service', 'renamed.service'].map((name) => join(tree.root, name))
      assert.ok(before && renamed)
      await runIn(before, `n=0; while [ $n -lt 10 ]; do ${BURN}; n=$((n+1)); done`)
      await look()
      renameSync(before, renamed)
      assert.equal(useOf(await look(), 'renamed.service'), 0n)
      const used = await runIn(renamed, `n=0; while [ $n -lt 10 ]; do ${BURN}; n=$((n+1)); done`)
      assertNear(useOf(await look(), 'renamed.service'), used, 0.1, 'renamed')
      rmdirSync(renamed)
    })
  })

  test(`v${tree.version}: a service of short processes has its use beside a busy loop, within 2 %`, async () => {
    await watched(async (look) => {
      await look()
      const [short, busy] = await Promise.all([
        runIn(join(tree.root, 'short.service'), `n=0; while [ $n -lt 30 ]; do sh -c '${BURN}'; n=$((n+1)); done`),
        runIn(join(tree.root, 'busy.service'), `n=0; while [ $n -lt 30 ]; do ${BURN}; n=$((n+1)); done`),
      ])
      const use = await look()
      assertNear(useOf(use, 'short.service'), short, 0.02, 'short')
      assertNear(useOf(use, 'busy.service'), busy, 0.02, 'busy')
      assert.equal(
        use.uses.reduce((sum, { cpuNs }) => sum + cpuNs, 0n),
        use.totalNs,
      )
      for (const name of ['short.service', 'busy.service']) rmdirSync(join(tree.root, name))
      const gone = (await look()).uses.filter(({ isGone }) => isGone)
      assert.deepEqual(gone.map(({ consumer }) => consumer.name).sort(), ['busy.service', 'short.service'])
    })
  })

  test(`v${tree.version}: what is born and dies between two passes has its use, within 2 %`, async () => {
    await watched(async (look) => {
      await look()
      const jobs: { readonly name: string; readonly ns: bigint }[] = []
      const check = async () => {
        const use = await look()
        for (const { name, ns } of jobs.splice(0)) assertNear(useOf(use, name), ns, 0.02, name)
        return use
      }
      for (let job = 0; job < 10; job++) {
        const name = `job-${job}.scope`
        const group = join(tree.root, 'batch.slice', name)
        await runIn(group, `sh -c '${BURN}'`)
        jobs.push({ name, ns: countOf(tree, group) })
        // v2 tells that the last process has ended, and a runtime takes a while to clean up. v1 does not, so that what several
        // that died have used is shared by time.
        if (tree.version === 2) await setTimeout(100)
        rmdirSync(group)
        if (tree.version === 1) await check()
      }
      const use = await check()
      // v2 tells whole microseconds, rounded down.
      assert.ok(useOf(use, 'system') < 1_000_000n)
      rmdirSync(join(tree.root, 'batch.slice'))
    })
  })

  test(`v${tree.version}: names of any kind are read, and those removed meanwhile are no trouble`, async () => {
    await watched(async (look) => {
      await look()
      const names = [`quote'".service`, `${'ü'.repeat(123)}.service`, 'back\\x5cslash.service']
      for (const name of names) mkdirSync(join(tree.root, name))
      const uses = (await look()).uses.map(({ consumer }) => consumer.name)
      for (const name of names) assert.ok(uses.includes(name.replace('\\x5c', '\\')), name)
      for (const name of names) rmdirSync(join(tree.root, name))
      assert.equal((await look()).uses.filter(({ isGone }) => isGone).length, names.length)
      assert.equal((await look()).uses.length, 1)
    })
  })
}

test('the groups of this machine add up', async () => {
  const layout = cgroupLayout({ procfs: '/proc', cgroupfs: '/sys/fs/cgroup' })
  if (!layout) return
  const watch = new CgroupWatch({ ...layout, intervalMs: 50 })
  const book = new UsageBook()
  try {
    await watch.open(PATIENCE_MS, signal)
    for (let looks = 0; looks < 4; looks++) {
      await watch.passNow(PATIENCE_MS, signal)
      const frame = watch.take()
      assert.ok(frame)
      const use = book.take(frame)
      assert.equal(use.truncated, 0)
      assert.equal(
        use.uses.reduce((sum, { cpuNs }) => sum + cpuNs, 0n),
        use.totalNs,
      )
      assert.ok(use.uses.every(({ cpuNs }) => cpuNs >= 0n))
      if (looks > 0) assert.ok(use.totalNs > 0n)
    }
  } finally {
    await watch.close()
  }
})

test('a root that is not there is an error that names it', async () => {
  const watch = new CgroupWatch({
    trees: [{ of: 'usage', root: '/nowhere/at/all', version: 2 }],
    stat: '',
    intervalMs: 50,
  })
  await assert.rejects(watch.open(PATIENCE_MS, signal), /\/nowhere\/at\/all: No such file or directory/)
  await watch.close()
})
