import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { consumerOf } from '../../src/attribution/consumer-of.ts'
import { ConsumerWatch } from '../../src/attribution/consumer-watch.ts'
import { type LastUse, lastUseIn, lastUseText } from '../../src/attribution/last-use.ts'
import { type CpuUse, UsageBook } from '../../src/attribution/usage.ts'
import { consumerKey } from '../../src/model/consumer.ts'
import fc, { runs } from '../property.ts'
import { RecordingLogger } from '../sampling/fakes.ts'
import { type FakeGroup, FakeKernel } from './kernel.ts'
import { Rig, SECOND } from './rig.ts'

const MS = 1_000_000n
const PLACE = 'boot-1 2 /sys/fs/cgroup'

/** Use of each consumer in ms, without those of none. */
function spent({ uses }: CpuUse): Record<string, number> {
  const some = uses.filter(({ cpuNs }) => cpuNs > 0n)
  return Object.fromEntries(some.map(({ consumer, cpuNs }) => [consumer.name, Number(cpuNs / MS)]))
}

function lastOf(book: UsageBook): LastUse {
  assert.ok(book.lastUse)
  return book.lastUse
}

/** A kernel that was looked at once, and two services in a slice. */
function setting() {
  const kernel = new FakeKernel()
  const slice = kernel.birth(kernel.root, 'system.slice', false)
  const [web, job] = ['web.service', 'job.service'].map((name) => kernel.birth(slice, name, false))
  assert.ok(web && job)
  kernel.use(web, 900n * MS)
  kernel.use(job, 500n * MS)
  const book = new UsageBook()
  book.take(kernel.pass())
  return { kernel, slice, web, job, book }
}

/** What the first pass of the next agent sees. */
function resumed(kernel: FakeKernel, before: LastUse | null): CpuUse {
  kernel.readAnew()
  return new UsageBook(undefined, before).take(kernel.pass())
}

test('what is used while no agent runs is of those who used it, and of those born meanwhile since their birth', () => {
  const { kernel, slice, web, job, book } = setting()
  kernel.use(web, 30n * MS)
  const last = lastOf(book)
  kernel.use(job, 5n * MS)
  kernel.death(job, false)
  kernel.use(kernel.birth(slice, 'young.service'), 60n * MS)
  kernel.use(kernel.root, 7n * MS)
  const inside = kernel.birth(web, 'worker')
  kernel.use(inside, 10n * MS)
  const use = resumed(kernel, last)
  assert.deepEqual(spent(use), { 'web.service': 40, 'young.service': 60, 'system.slice': 5, system: 7 })
  assert.deepEqual([use.isOutage, use.startNs, use.totalNs], [true, last.endNs, 112n * MS])
})

test('one made anew under the name of another has what itself has used', () => {
  const { kernel, slice, web, book } = setting()
  kernel.death(web, true)
  kernel.use(kernel.birth(slice, 'web.service'), 3n * MS)
  assert.deepEqual(spent(resumed(kernel, book.lastUse)), { 'web.service': 3 })
})

test('another tree, a clock that began anew and no counts at all make a first pass like any', () => {
  const { kernel, web, book } = setting()
  const last = lastOf(book)
  kernel.use(web, 30n * MS)
  const others = [null, { ...last, countsNs: new Map() }, { ...last, endNs: last.endNs + 60n * SECOND }]
  for (const before of others) {
    const use = resumed(kernel, before)
    assert.deepEqual([use.isOutage, use.totalNs, use.startNs], [undefined, 0n, use.endNs])
  }
})

test('of a part of the counts nobody is taken to be young', () => {
  const { kernel, web, job, book } = setting()
  const last = lastOf(book)
  const countsNs = new Map([...last.countsNs].filter(([inode]) => inode !== BigInt(job.id)))
  kernel.use(web, 30n * MS)
  kernel.use(job, 4n * MS)
  assert.deepEqual(spent(resumed(kernel, { ...last, countsNs, isWhole: false })), {
    'web.service': 30,
    'system.slice': 4,
  })
})

const act = fc.record({
  what: fc.constantFrom('use', 'use', 'birth', 'death'),
  at: fc.nat(1_000),
  ns: fc.bigInt(1n, 10n ** 12n),
  name: fc.constantFrom('a.slice', 'b.service', 'c.scope', 'lxc.payload.d', 'e', 'user-7.slice'),
})

test('over any outage each nanosecond of the root is its consumer’s, and that of the dead is of the group around them', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), fc.array(act, { maxLength: 60 }), (before, during) => {
      const kernel = new FakeKernel()
      const groups: FakeGroup[] = [kernel.root]
      const own = new Map<FakeGroup, bigint>()
      const add = (group: FakeGroup, ns: bigint) => own.set(group, (own.get(group) ?? 0n) + ns)
      const play = (acts: typeof before) => {
        for (const { what, at, ns, name } of acts) {
          const group = groups[at % groups.length] ?? kernel.root
          if (what === 'use') {
            kernel.use(group, ns)
            add(group, ns)
          } else if (what === 'birth') groups.push(kernel.birth(group, `${groups.length}-${at}-${name}`))
          else if (group.parent !== null && group.children.size === 0) {
            kernel.death(group, false)
            groups.splice(groups.indexOf(group), 1)
            add(group.parent, own.get(group) ?? 0n)
            own.delete(group)
          }
        }
      }
      play(before)
      const book = new UsageBook()
      book.take(kernel.pass())
      own.clear()
      play(during)
      const use = resumed(kernel, lastUseIn(lastUseText(lastOf(book), PLACE), PLACE))
      const truth = new Map<string, bigint>()
      for (const [group, ns] of own) {
        const key = consumerKey(consumerOf(pathOf(group)))
        truth.set(key, (truth.get(key) ?? 0n) + ns)
      }
      const had = use.uses.map(({ consumer, cpuNs }) => [consumerKey(consumer), cpuNs] as const)
      const some = (entries: Iterable<readonly [string, bigint]>) => [...entries].filter(([, ns]) => ns > 0n).sort()
      assert.deepEqual(some(had), some(truth))
    }),
    { numRuns: runs(500) },
  )
})

function pathOf(group: FakeGroup): string {
  return group.parent === null ? '' : `${pathOf(group.parent)}/${group.name}`
}

test('only what was said of the same boot and tree is read, and nothing else', () => {
  const last = {
    endNs: 7n,
    countsNs: new Map([
      [1n, 0n],
      [2n ** 33n, 255n],
    ]),
    isWhole: true,
  }
  const text = lastUseText(last, PLACE)
  assert.deepEqual(lastUseIn(text, PLACE), last)
  assert.equal(lastUseIn(text, 'boot-2 2 /sys/fs/cgroup'), null)
  for (const bad of ['', PLACE, `${PLACE}\n`, `${PLACE}\nwhole -1`, `${text}\n`, `${text}\nx 1`]) {
    assert.equal(lastUseIn(bad, PLACE), null, JSON.stringify(bad))
  }
  const many = new Map(Array.from({ length: 3_000 }, (_, index) => [BigInt(index), 2n ** 60n]))
  const part = lastUseIn(lastUseText({ ...last, countsNs: many }, PLACE), PLACE)
  assert.deepEqual([part?.countsNs.size, part?.isWhole], [2_000, false])
})

test('the energy of an outage that was bridged is of those who used it, to the µJ', () => {
  const rig = new Rig()
  rig.account.restore(null, 0n, rig.clock.wallMs)
  rig.clock.advance(10n * SECOND)
  const startNs = rig.clock.ns - 10n * SECOND
  const uses = [rig.using('web', { cpuS: 3 }), rig.using('a', { cpuS: 1 }), rig.using('system', {})]
  rig.lookAt(uses, { startNs, isOutage: true })
  // What was read last was read three seconds before the last pass.
  rig.post(startNs - 3n * SECOND, rig.clock.ns, { 'processors/socket-0': 100 })
  rig.collect()
  assert.equal(rig.attributedUj, rig.postedUj)
  const { unattributed, web, a } = rig.joules()
  assert.equal(unattributed, undefined)
  assert.ok(Math.abs((web?.[1] ?? 0) - 3 * (a?.[1] ?? 0)) < 1e-5)
})

test('an agent goes on from the counts of the one before', async (t) => {
  const { signal } = new AbortController()
  const { cgroupfs, agent } = agents(t)
  const used = (webUs: number, jobUs: number) => {
    const counts = { '': webUs + jobUs, 'web.service': webUs, 'job.service': jobUs }
    for (const [name, us] of Object.entries(counts)) {
      mkdirSync(join(cgroupfs, name), { recursive: true })
      writeFileSync(join(cgroupfs, name, 'cpu.stat'), `usage_usec ${us}\n`)
    }
  }
  used(5_000, 9_000)
  const first = agent('boot')
  await first.start(signal)
  first.resume('')
  first.take()
  const { lastUse } = first
  await first.stop()
  used(8_000, 10_000)
  for (const [boot, expected] of [
    ['boot', { 'web.service': 3, 'job.service': 1 }],
    ['another', {}],
  ] as const) {
    const next = agent(boot)
    await next.start(signal)
    next.resume(lastUse)
    const use = next.take()
    assert.ok(use)
    assert.deepEqual(spent(use), expected)
    await next.stop()
  }
})

function agents(t: TestContext) {
  const procfs = mkdtempSync(join(tmpdir(), 'wattledger-last-use-'))
  t.after(() => rmSync(procfs, { recursive: true }))
  const cgroupfs = join(procfs, 'cgroup')
  mkdirSync(cgroupfs)
  writeFileSync(join(cgroupfs, 'cgroup.controllers'), '')
  const logger = new RecordingLogger()
  const roots = { procfs, cgroupfs }
  const agent = (bootId: string) => new ConsumerWatch({ roots, isRequired: true, name: (one) => one, bootId, logger })
  return { cgroupfs, agent }
}
