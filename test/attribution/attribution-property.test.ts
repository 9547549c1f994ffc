import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConsumerUse } from '../../src/attribution/usage.ts'
import { UsageBook } from '../../src/attribution/usage.ts'
import { consumerKey } from '../../src/model/consumer.ts'
import fc, { runs } from '../property.ts'
import { type FakeGroup, FakeKernel } from './kernel.ts'
import { consumer, cores, GIB, Rig, SECOND } from './rig.ts'

const LEAVES = [
  'processors/socket-0',
  'processors/socket-1',
  'memory/socket-0',
  'accelerators/0000:01:00.0',
  'rest',
  'supply_loss',
]
const RUNS = { numRuns: runs(200) }

type Step =
  | { readonly do: 'draw'; readonly ms: number; readonly watts: readonly number[] }
  | { readonly do: 'late'; readonly agoMs: number; readonly ms: number; readonly leaf: number; readonly watts: number }
  | { readonly do: 'outage'; readonly minutes: number; readonly watts: number }
  | { readonly do: 'look'; readonly cpuMs: readonly number[] }
  | { readonly do: 'card'; readonly use: readonly number[]; readonly utilisation: number | null }
  | { readonly do: 'flush' }
  | { readonly do: 'kill' }

const watts = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e5, noNaN: true }))
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('draw' as const),
      ms: fc.integer({ min: 1, max: 5_000 }),
      watts: fc.array(watts, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('late' as const),
      agoMs: fc.integer({ min: 1, max: 600_000 }),
      ms: fc.integer({ min: 1, max: 90_000 }),
      leaf: fc.nat(5),
      watts,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('outage' as const), minutes: fc.integer({ min: 1, max: 200 }), watts }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('look' as const), cpuMs: fc.array(fc.nat(20_000), { maxLength: 5 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('card' as const),
      use: fc.array(fc.nat(100), { maxLength: 3 }),
      utilisation: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
)

function act(rig: Rig, step: Exclude<Step, { do: 'kill' }>): void {
  if (step.do === 'draw') {
    rig.draw(step.ms / 1_000, Object.fromEntries(step.watts.map((power, index) => [LEAVES[index] ?? '', power])))
  } else if (step.do === 'late') {
    const startNs = rig.clock.ns - BigInt(step.agoMs + step.ms) * 1_000_000n
    rig.post(startNs, startNs + BigInt(step.ms) * 1_000_000n, { [LEAVES[step.leaf] ?? '']: step.watts })
  } else if (step.do === 'outage') {
    rig.draw(step.minutes * 60, { [LEAVES[0] ?? '']: step.watts })
  } else if (step.do === 'look') {
    rig.look(
      Object.fromEntries(
        step.cpuMs.map((ms, index) => [
          `user-${index}`,
          { cpuS: ms / 1_000, memory: GIB, reserved: index % 2 ? cores(1) : {} },
        ]),
      ),
    )
  } else if (step.do === 'card') {
    const holders = step.use.map((use, index) => ({
      consumer: consumer(`user-${index}`),
      use: BigInt(use),
      reserved: BigInt(use % 2),
    }))
    rig.cards.push({
      leaf: LEAVES[3] ?? '',
      startNs: rig.clock.ns - SECOND,
      endNs: rig.clock.ns,
      holders,
      utilisation: step.utilisation,
    })
  } else rig.collect()
}

test('every µJ of the node is somebody’s, also late, after outages and when the process is killed; nobody’s is negative', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60, size: 'max' }),
      fc.constantFrom('separate' as const, 'spread' as const),
      (steps, unallocated) => {
        let rig = new Rig({ unallocated })
        let nodeUj = 0n
        let rowsUj = 0n
        let idleRowsUj = 0n
        // What the ledger holds is what was there at the last flush: rows and state are one transaction.
        let partIdleUj = 0n
        let ledger = { nodeUj: 0n, state: rig.account.collect(false).state }
        const flush = (isLast: boolean) => {
          const state = rig.collect(isLast)
          for (const { idleUj, dynamicUj } of rig.rows.splice(0)) {
            assert.ok(idleUj >= 0n && dynamicUj >= 0n && idleUj + dynamicUj > 0n)
            rowsUj += idleUj + dynamicUj
            idleRowsUj += idleUj
          }
          ledger = { nodeUj: nodeUj + rig.postedUj, state }
          assert.equal(state.attributedUj, rowsUj)
          const tenantsUj = state.tenants.reduce((sum, { idleUj, dynamicUj }) => sum + idleUj + dynamicUj, 0n)
          assert.equal(tenantsUj, rowsUj)
          const parts = state.parts ?? []
          assert.equal(sumUj(parts, 'idleUj'), idleRowsUj)
          assert.equal(sumUj(parts, 'dynamicUj'), rowsUj - idleRowsUj)
          assert.equal(sumUj(parts, 'waitingUj'), ledger.nodeUj - rowsUj)
          partIdleUj += sumUj(rig.idleRows.splice(0), 'idleUj')
          assert.equal(partIdleUj, idleRowsUj)
        }
        for (const step of steps) {
          if (step.do === 'flush') flush(false)
          else if (step.do !== 'kill') act(rig, step)
          else {
            rig = new Rig({ unallocated })
            nodeUj = ledger.nodeUj
            rig.account.restore(ledger.state, nodeUj, rig.clock.wallMs)
          }
        }
        flush(true)
        assert.equal(rowsUj, nodeUj + rig.postedUj)
      },
    ),
    RUNS,
  )
})

function sumUj<Key extends string>(rows: readonly Readonly<Record<Key, bigint>>[], key: Key): bigint {
  return rows.reduce((sum, row) => sum + row[key], 0n)
}

/** What each of some consumers gets of the same energy. */
function split(uses: readonly ConsumerUse[], powers: Readonly<Record<string, number>>): Map<string, bigint> {
  const rig = new Rig()
  rig.look()
  rig.draw(1, powers)
  rig.lookAt(uses.map((use) => ({ ...use })))
  rig.collect()
  assert.equal(rig.attributedUj, rig.postedUj)
  return new Map(rig.rows.map(({ consumer, idleUj, dynamicUj }) => [consumerKey(consumer), idleUj + dynamicUj]))
}

const use: fc.Arbitrary<Omit<ConsumerUse, 'consumer'>> = fc.record({
  cpuNs: fc.oneof(fc.constant(0n), fc.bigInt(0n, 4n * SECOND)),
  memoryBytes: fc.oneof(fc.constant(null), fc.constant(0n), fc.bigInt(0n, 8n * GIB)),
  reservations: fc.oneof(
    fc.constant([]),
    fc.integer({ min: 1, max: 8 }).map((count) => [cores(count)]),
  ),
  bornNs: fc.constant(0n),
  isGone: fc.boolean(),
})
const several = fc
  .array(use, { minLength: 1, maxLength: 12 })
  .map((uses) => uses.map((one, index): ConsumerUse => ({ ...one, consumer: consumer(`user-${index}`) })))
const powers = fc
  .array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 6 })
  .map((all) =>
    Object.fromEntries(
      all.map((power, index) => [LEAVES.filter((leaf) => !leaf.startsWith('acc'))[index] ?? 'rest', power]),
    ),
  )
/** Each rule of the split may round one µJ. */
const ROUNDING = 4n
const isNear = (a: bigint, b: bigint): boolean => a - b <= ROUNDING && b - a <= ROUNDING

test('the order of consumers changes nothing', () => {
  fc.assert(
    fc.property(several, powers, fc.infiniteStream(fc.nat()), (uses, powers, seeds) => {
      const shuffled = uses.map((use) => ({ use, key: seeds.next().value ?? 0 })).sort((a, b) => a.key - b.key)
      const [straight, mixed] = [
        split(uses, powers),
        split(
          shuffled.map(({ use }) => use),
          powers,
        ),
      ]
      for (const key of new Set([...straight.keys(), ...mixed.keys()]))
        assert.ok(isNear(straight.get(key) ?? 0n, mixed.get(key) ?? 0n), key)
    }),
    RUNS,
  )
})

test('one that reserves and uses nothing gets nothing, and changes nothing for the others', () => {
  fc.assert(
    fc.property(several, powers, (uses, powers) => {
      const nobody: ConsumerUse = {
        consumer: consumer('nobody'),
        cpuNs: 0n,
        memoryBytes: 0n,
        reservations: [],
        bornNs: 0n,
        isGone: false,
      }
      assert.deepEqual(split([...uses, nobody], powers), split(uses, powers))
    }),
    RUNS,
  )
})

test('one that is split in two gets the same as both together', () => {
  fc.assert(
    fc.property(several, powers, fc.double({ min: 0, max: 1, noNaN: true }), (uses, powers, share) => {
      const [{ cpuNs = 0n, memoryBytes = null } = {}, ...others] = uses
      const part = (bytes: bigint) => BigInt(Math.round(Number(bytes) * share))
      const rest = { reservations: [], bornNs: 0n, isGone: false }
      const whole: ConsumerUse = { consumer: consumer('whole'), cpuNs, memoryBytes, ...rest }
      const one = {
        ...whole,
        consumer: consumer('one'),
        cpuNs: part(cpuNs),
        memoryBytes: memoryBytes && part(memoryBytes),
      }
      const two = {
        ...whole,
        consumer: consumer('two'),
        cpuNs: cpuNs - one.cpuNs,
        memoryBytes: memoryBytes && memoryBytes - (one.memoryBytes || 0n),
      }
      const [before, after] = [split([whole, ...others], powers), split([one, two, ...others], powers)]
      const both = (after.get('service:one') ?? 0n) + (after.get('service:two') ?? 0n)
      assert.ok(isNear(before.get('service:whole') ?? 0n, both), `${before.get('service:whole')} and ${both}`)
    }),
    RUNS,
  )
})

const life = fc.oneof(
  fc.record({ do: fc.constant('birth' as const), where: fc.nat(100), name: fc.nat(6) }),
  fc.record({ do: fc.constant('use' as const), where: fc.nat(100), ms: fc.nat(3_000) }),
  fc.record({ do: fc.constant('death' as const), where: fc.nat(100), isRead: fc.boolean() }),
  fc.record({ do: fc.constant('tick' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
)
const NAMES = ['a.service', 'b.service', 'c.scope', 'user-7.slice', 'd', 'lxc.payload.e', 'f.slice']

test('births and deaths at any moment: all that was drawn is somebody’s, and who used most of it has most', () => {
  fc.assert(
    fc.property(fc.array(life, { maxLength: 80, size: 'max' }), (steps) => {
      const rig = new Rig()
      const kernel = new FakeKernel()
      const book = new UsageBook()
      const alive = (group: FakeGroup): FakeGroup[] => [group, ...[...group.children].flatMap(alive)]
      book.take(kernel.pass())
      rig.look()
      for (const step of [...steps, { do: 'tick' as const, ms: 1_000 }]) {
        const groups = alive(kernel.root)
        const group = groups[step.do === 'tick' ? 0 : step.where % groups.length] ?? kernel.root
        if (step.do === 'birth') {
          const name = NAMES[step.name] ?? ''
          if (![...group.children].some((child) => child.name === name)) kernel.birth(group, name)
        } else if (step.do === 'use') kernel.use(group, BigInt(step.ms) * 1_000_000n)
        else if (step.do === 'death') {
          if (group.parent) kernel.death(group, step.isRead)
        } else {
          rig.draw(step.ms / 1_000, { 'processors/socket-0': 100 })
          const { uses, totalNs } = book.take(kernel.pass())
          rig.rows.splice(0)
          rig.lookAt(uses)
          rig.collect()
          const gotUj = rig.rows.reduce((sum, { idleUj, dynamicUj }) => sum + idleUj + dynamicUj, 0n)
          assert.equal(gotUj, BigInt(step.ms) * 100_000n)
          const dynamicUj = rig.rows.reduce((sum, { dynamicUj }) => sum + dynamicUj, 0n)
          for (const { consumer, cpuNs } of totalNs > 0n ? uses : []) {
            const row = rig.rows.find((one) => consumerKey(one.consumer) === consumerKey(consumer))
            assert.ok(isNear(row?.dynamicUj ?? 0n, (dynamicUj * cpuNs) / totalNs), consumer.name)
          }
        }
      }
    }),
    RUNS,
  )
})
