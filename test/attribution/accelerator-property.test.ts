import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Allocations, NO_ALLOCATIONS } from '../../src/attribution/accelerator-allocations.ts'
import { AcceleratorBook } from '../../src/attribution/accelerator-book.ts'
import { ProcessConsumers } from '../../src/attribution/accelerator-processes.ts'
import { type AcceleratorUse, reservedIdle } from '../../src/attribution/accelerator-use.ts'
import { consumerOf } from '../../src/attribution/consumer-of.ts'
import { consumerKey } from '../../src/model/consumer.ts'
import type { AcceleratorProcess, AcceleratorState } from '../../src/native/accelerator-watch.ts'
import fc, { runs } from '../property.ts'
import { process } from './accelerators.ts'

const procfs = mkdtempSync(join(tmpdir(), 'accelerators-'))
after(() => rmSync(procfs, { recursive: true }))
for (let pid = 1; pid <= 6; pid++) process(procfs, pid, `/system.slice/${'abc'[pid % 3]}.service`)

const IDLE: AcceleratorState = {
  uuid: 'GPU-1',
  pciAddress: '0000:17:00.0',
  afterNs: 0n,
  isC2c: false,
  minor: 0n,
  percent: 0n,
  isMig: false,
  boardSlices: null,
  processes: [],
  samples: [],
  sinceUs: 0n,
  instances: [],
}

const newBook = () => new AcceleratorBook(new ProcessConsumers({ procfs, version: 2 }))
const frameOf = (device: AcceleratorState) => ({ beforeNs: 0n, afterNs: device.afterNs, devices: [device] })

/** What the book makes of `[0, intervalNs)`. */
function useOf(device: Partial<AcceleratorState>, intervalNs: bigint, allocations = NO_ALLOCATIONS): AcceleratorUse {
  const book = newBook()
  book.take(frameOf({ ...IDLE, ...device, afterNs: 0n }), allocations)
  const [use] = book.take(frameOf({ ...IDLE, ...device, afterNs: intervalNs }), allocations)
  assert.ok(use)
  return use
}

const pid = fc.nat(8)
const place = fc.constantFrom('1/0', '2/0', '3/0', null)
const any64 = fc.bigInt(0n, 2n ** 64n - 1n)
const state: fc.Arbitrary<Omit<AcceleratorState, 'uuid' | 'pciAddress' | 'afterNs' | 'isC2c' | 'minor'>> = fc.record({
  percent: fc.option(fc.oneof(fc.bigInt(0n, 120n), any64)),
  isMig: fc.boolean(),
  boardSlices: fc.option(fc.bigInt(0n, 8n)),
  processes: fc.array(
    fc.record({
      pid,
      kind: fc.constantFrom('compute', 'graphics', 'mps'),
      memoryBytes: fc.option(any64),
      place,
    }) satisfies fc.Arbitrary<AcceleratorProcess>,
    { maxLength: 8 },
  ),
  samples: fc.option(
    fc.array(
      fc.record({
        pid,
        atUs: fc.oneof(fc.bigInt(0n, 3_000_000n), any64),
        percent: fc.oneof(fc.bigInt(0n, 110n), any64),
      }),
      { maxLength: 12 },
    ),
  ),
  sinceUs: fc.oneof(fc.bigInt(0n, 2_000_000n), any64),
  instances: fc.uniqueArray(
    fc.record({ uuid: fc.constant('MIG-1'), place: place.map(String), slices: fc.option(fc.bigInt(0n, 8n)) }),
    { selector: (one) => one.place, maxLength: 4 },
  ),
})

test('no use is negative, and neither uses nor reservations are more than the interval, whatever the driver says', () => {
  fc.assert(
    fc.property(state, fc.bigInt(1n, 3_000_000_000n), (device, intervalNs) => {
      const use = useOf(device, intervalNs)
      const sum = (part: 'use' | 'reserved') => use.holders.reduce((total, holder) => total + holder[part], 0n)
      assert.ok(sum('use') <= intervalNs && sum('reserved') <= intervalNs)
      for (const holder of use.holders) assert.ok(holder.use >= 0n && holder.reserved >= 0n)
      assert.equal(new Set(use.holders.map(({ consumer }) => consumerKey(consumer))).size, use.holders.length)
      assert.ok(use.utilisation === null || (use.utilisation >= 0 && use.utilisation <= 1))
      const idleNs = reservedIdle(use).reduce((total, one) => total + one.idleNs, 0n)
      assert.ok(idleNs >= 0n && idleNs + sum('use') <= intervalNs)
    }),
    { numRuns: runs(1_000) },
  )
})

test('the order in which the driver lists them changes nothing', () => {
  const parts = (use: AcceleratorUse) =>
    new Map(use.holders.map(({ consumer, ...ns }) => [consumerKey(consumer), Object.values(ns).map(Number)]))
  fc.assert(
    fc.property(state, (device) => {
      const { processes = [], samples, instances = [] } = device
      const turned = {
        ...device,
        processes: processes?.toReversed() ?? null,
        samples: samples?.toReversed() ?? null,
        instances: instances.toReversed(),
      }
      const [one, other] = [parts(useOf(device, 1_000_000_000n)), parts(useOf(turned, 1_000_000_000n))]
      assert.deepEqual([...one.keys()].sort(), [...other.keys()].sort())
      // Rests of a division go to the first.
      for (const [key, [use = 0, reserved = 0]] of one) {
        assert.ok(Math.abs(use - (other.get(key)?.[0] ?? 0)) < 50, `${key} ${use} ${other.get(key)}`)
        assert.ok(Math.abs(reserved - (other.get(key)?.[1] ?? 0)) < 50)
      }
    }),
    { numRuns: runs(300) },
  )
})

test('a sample counts from the one before of the same process, or from when the driver was last asked', () => {
  const samples = [
    { pid: 1, atUs: 1_400_000n, percent: 50n },
    { pid: 1, atUs: 2_000_000n, percent: 10n },
    { pid: 2, atUs: 1_500_000n, percent: 40n },
  ]
  const uses = (sinceUs: bigint) =>
    Object.fromEntries(
      useOf({ samples, sinceUs }, 1_000_000_000n).holders.map(({ consumer, use }) => [consumer.id, use]),
    )
  assert.deepEqual(uses(1_000_000n), { 'b.service': 260_000_000n, 'c.service': 200_000_000n })
  // Nobody was busy for long: the mean is of this interval.
  assert.deepEqual(uses(0n), { 'b.service': 260_000_000n, 'c.service': 200_000_000n })
  assert.deepEqual(uses(1_300_000n), { 'b.service': 110_000_000n, 'c.service': 80_000_000n })
})

test('who was given the card holds it before those who have it open, and who may open it after them', () => {
  const of = (path: string) => ({ consumer: consumerOf(path), weight: 1n })
  const allocations: Allocations = {
    of: (uuid) => (uuid === 'GPU-1' ? { holders: [of('/given.service')], free: 3n } : null),
    permitted: () => [of('/x.service'), of('/y.service')],
  }
  const process = { pid: 1, kind: 'compute', memoryBytes: 5n, place: null } as const
  const reserved = (device: Partial<AcceleratorState>) =>
    useOf(device, 1000n, allocations).holders.map(({ consumer, reserved }) => [consumer.id, reserved])
  assert.deepEqual(reserved({ processes: [process] }), [['given.service', 250n]])
  assert.deepEqual(reserved({ processes: [process], uuid: 'GPU-2' }), [['b.service', 1000n]])
  assert.deepEqual(reserved({ uuid: 'GPU-2' }), [
    ['x.service', 500n],
    ['y.service', 500n],
  ])
})

test('a card of a superchip is inside the socket of its processor', () => {
  const leaf = (device: Partial<AcceleratorState>) => useOf(device, 1n).leaf
  assert.equal(leaf({ pciAddress: '0019:01:00.0', isC2c: true }), 'accelerators/socket-1/0019:01:00.0')
  assert.equal(leaf({ pciAddress: '10000:01:00.0' }), 'accelerators/10000:01:00.0')
  assert.equal(leaf({ pciAddress: '' }), 'accelerators/GPU-1')
})
