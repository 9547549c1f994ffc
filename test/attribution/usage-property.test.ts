import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerOf } from '../../src/attribution/consumer-of.ts'
import { type CpuUse, UsageBook } from '../../src/attribution/usage.ts'
import { consumerKey } from '../../src/model/consumer.ts'
import { shareOut } from '../../src/model/share.ts'
import type { CgroupFrame } from '../../src/native/cgroup-watch.ts'
import fc, { runs } from '../property.ts'
import { type FakeGroup, FakeKernel } from './kernel.ts'

/** No slices, whose dead share what nobody read. */
const NAMES = ['a.service', 'b.service', 'c.socket', 'machine-qemu-1-g.scope', 'd', 'lxc.payload.e', 'f.scope'] as const

type Step =
  | { readonly do: 'birth'; readonly where: number; readonly name: number }
  | { readonly do: 'use'; readonly where: number; readonly ns: bigint }
  | { readonly do: 'death'; readonly where: number; readonly isRead: boolean }
  | { readonly do: 'pass' }

const place = fc.nat(1_000)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('birth' as const), where: place, name: fc.nat(NAMES.length - 1) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('use' as const), where: place, ns: fc.bigInt(0n, 2_000_000_000n) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('death' as const), where: place, isRead: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const) }) },
)

/** Groups alive, parents before their children. */
function alive(group: FakeGroup): FakeGroup[] {
  return [group, ...[...group.children].flatMap(alive)]
}

function pathOf(group: FakeGroup): string {
  return group.parent === null ? '' : `${pathOf(group.parent)}/${group.name}`
}

/** Does what a step says, and adds to `truth` what each consumer is to have used at the next pass. */
function act(kernel: FakeKernel, step: Exclude<Step, { do: 'pass' }>, truth: Map<string, bigint>): void {
  const groups = alive(kernel.root)
  const group = groups[step.where % groups.length] ?? kernel.root
  const add = (to: FakeGroup, ns: bigint) => {
    const key = consumerKey(consumerOf(pathOf(to)))
    truth.set(key, (truth.get(key) ?? 0n) + ns)
  }
  if (step.do === 'birth') {
    const name = NAMES[step.name] ?? ''
    if (![...group.children].some((child) => child.name === name)) kernel.birth(group, name)
  } else if (step.do === 'use') {
    kernel.use(group, step.ns)
    add(group, step.ns)
  } else if (group.parent !== null) {
    // Whoever dies unread leaves what was not read to the group around.
    for (const dying of step.isRead ? [] : alive(group)) {
      add(dying, -dying.unreadNs)
      add(group.parent, dying.unreadNs)
      group.parent.unreadNs += dying.unreadNs
    }
    kernel.death(group, step.isRead)
  }
}

function assertSound({ uses, totalNs }: CpuUse): void {
  assert.equal(
    uses.reduce((sum, { cpuNs }) => sum + cpuNs, 0n),
    totalNs,
  )
  for (const { cpuNs, consumer } of uses) assert.ok(cpuNs >= 0n, `${consumer.name} used ${cpuNs} ns`)
  assert.equal(new Set(uses.map(({ consumer }) => consumerKey(consumer))).size, uses.length)
}

const usesOf = ({ uses }: CpuUse) =>
  Object.fromEntries(
    uses.filter(({ cpuNs }) => cpuNs !== 0n).map(({ consumer, cpuNs }) => [consumerKey(consumer), cpuNs]),
  )

const RUNS = { numRuns: runs(300) }

test('every nanosecond of the root is its consumer’s, whoever is born and dies at whatever moment', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const kernel = new FakeKernel()
      const book = new UsageBook()
      book.take(kernel.pass())
      let truth = new Map<string, bigint>()
      let rootNs = 0n
      for (const step of [...steps, { do: 'pass' } as const]) {
        if (step.do !== 'pass') {
          act(kernel, step, truth)
          continue
        }
        const use = book.take(kernel.pass())
        assertSound(use)
        assert.equal(use.totalNs, kernel.root.usageNs - rootNs)
        rootNs = kernel.root.usageNs
        assert.deepEqual(usesOf(use), Object.fromEntries([...truth].filter(([, ns]) => ns !== 0n)))
        truth = new Map()
      }
    }),
    RUNS,
  )
})

test('the order in which groups are read, born and buried changes nothing', () => {
  const shuffled = <T>(items: readonly T[], key: (item: T) => number): T[] => items.toSorted((a, b) => key(a) - key(b))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), fc.integer(), (steps, seed) => {
      const kernel = new FakeKernel()
      const [straight, mixed] = [new UsageBook(), new UsageBook()]
      const mix = (id: number) => Math.sin(id * 12.9898 + seed)
      for (const step of [{ do: 'pass' } as const, ...steps, { do: 'pass' } as const]) {
        if (step.do !== 'pass') {
          act(kernel, step, new Map())
          continue
        }
        const frame: CgroupFrame = kernel.pass()
        const rows = shuffled(frame.rows, ({ id }) => mix(id))
        const deaths = shuffled(frame.deaths, ({ id }) => mix(id))
        assert.deepEqual(usesOf(mixed.take({ ...frame, rows, deaths })), usesOf(straight.take(frame)))
      }
    }),
    RUNS,
  )
})

test('groups that go on while they are read, one after another, lose and gain nothing in the end', () => {
  const during = fc.array(step, { maxLength: 6 })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60, size: 'max' }),
      fc.array(during, { maxLength: 30, size: 'max' }),
      (steps, meanwhile) => {
        const kernel = new FakeKernel()
        const book = new UsageBook()
        book.take(kernel.pass())
        let totalNs = 0n
        let moment = 0
        const between = (): void => {
          for (const step of meanwhile[moment++ % (meanwhile.length || 1)] ?? []) {
            if (step.do === 'use') act(kernel, { ...step, ns: step.ns / 1_000n }, new Map())
          }
        }
        for (const step of steps) {
          if (step.do !== 'pass') act(kernel, step, new Map())
          else {
            const use = book.take(kernel.pass(between))
            assertSound(use)
            totalNs += use.totalNs
          }
        }
        // The kernel's own work gives back what was counted ahead.
        for (let settling = 0; settling < 3; settling++) {
          kernel.use(kernel.root, 10_000_000_000n)
          totalNs += book.take(kernel.pass()).totalNs
        }
        assert.equal(totalNs, kernel.root.usageNs)
      },
    ),
    RUNS,
  )
})

test('parts are whole, sum to the whole, and none is above its weight where the weights exceed it', () => {
  const weights = fc.array(fc.bigInt(0n, 10n ** 15n), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(weights, fc.bigInt(0n, 10n ** 15n), (weights, whole) => {
      const sum = weights.reduce((total, weight) => total + weight, 0n)
      const parts = shareOut(whole, weights)
      assert.equal(
        parts.reduce((total, part) => total + part, 0n),
        sum === 0n ? 0n : whole,
      )
      for (const [index, part] of parts.entries()) {
        assert.ok(part >= 0n)
        if (sum > whole) assert.ok(part <= (weights[index] ?? 0n))
      }
    }),
  )
})
