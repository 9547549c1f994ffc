import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claimsOf } from '../../src/attribution/claims.ts'
import { type Reserved, reservedBy } from '../../src/attribution/reservation.ts'
import type { ConsumerUse } from '../../src/attribution/usage.ts'
import type { ConsumerKind } from '../../src/model/consumer.ts'
import type { Reservation } from '../../src/native/cgroup-watch.ts'
import { UNRESERVED } from './kernel.ts'
import { CAPACITY, consumer, GIB, SECOND } from './rig.ts'

function useOf(name: string, kind: ConsumerKind, given: Partial<Reservation>[], more: Partial<ConsumerUse> = {}) {
  const reservations = given.map((one) => ({ ...UNRESERVED, ...one }))
  const none = { cpuNs: 0n, memoryBytes: null, bornNs: 0n, isGone: false }
  return { consumer: consumer(name, kind), reservations, ...none, ...more }
}

function reserved(kind: ConsumerKind, given: Partial<Reservation>[], weights: 1 | 2 = 2): Reserved {
  return reservedBy(useOf('one', kind, given), { capacity: CAPACITY, weights })
}

/** Cores and GiB that each is to have, without those of none and the system. */
function claimed(uses: readonly ConsumerUse[]): Record<string, [number, number]> {
  const use = { startNs: 0n, endNs: SECOND, totalNs: 0n, uses, truncated: 0, falls: 0 }
  const { consumers, cores, memoryBytes } = claimsOf(use, { capacity: CAPACITY, weights: 2 })
  const claims = consumers.map(({ name }, at) => [name, [cores[at], (memoryBytes[at] ?? 0) / Number(GIB)]])
  return Object.fromEntries(claims.filter(([name]) => name !== 'system'))
}

const CORES: readonly [string, ConsumerKind, Partial<Reservation>, 1 | 2, number][] = [
  ['nothing', 'service', {}, 2, 0],
  ['a quota', 'container', { quotaUs: 150_000n, periodUs: 100_000n }, 2, 1.5],
  ['a quota of more than the machine has', 'container', { quotaUs: 6_400_000n, periodUs: 100_000n }, 2, 4],
  ['no quota', 'container', { quotaUs: 'unlimited', periodUs: 100_000n }, 2, 0],
  ['a quota of no time', 'container', { quotaUs: 50_000n, periodUs: 0n }, 2, 0],
  ['a set', 'job', { cpus: 3n }, 2, 3],
  ['a set of all', 'job', { cpus: 4n }, 2, 0],
  ['the less of a set and a quota', 'vm', { cpus: 3n, quotaUs: 200_000n, periodUs: 100_000n, weight: 900n }, 2, 2],
  ['the usual weight of v2', 'service', { weight: 100n }, 2, 0],
  ['twice of that', 'service', { weight: 200n }, 2, 2],
  ['the usual shares of v1', 'container', { weight: 1_024n }, 1, 0],
  ['half of that', 'container', { weight: 512n }, 1, 0.5],
  ['a pod’s request, whatever its limit', 'pod', { weight: 512n, quotaUs: 400_000n, periodUs: 100_000n }, 1, 0.5],
  ['a pod’s request of one core', 'pod', { weight: 1_024n }, 1, 1],
  ['a pod without a request', 'pod', { weight: 2n }, 1, 0],
  ['a pod without a request on v2', 'pod', { weight: 1n }, 2, 0],
  ['a pod of whose weight nothing is known', 'pod', { quotaUs: 100_000n, periodUs: 100_000n }, 2, 1],
  ['a slice that somebody limited', 'slice', { quotaUs: 100_000n, periodUs: 100_000n }, 2, 1],
  ['a slice of some weight, which is that of all inside', 'slice', { weight: 900n }, 2, 0],
  ['the system', 'system', { weight: 200n }, 2, 0],
]

for (const [what, kind, given, weights, cores] of CORES) {
  test(`cores reserved by ${what}`, () => assert.equal(reserved(kind, [given], weights).cores, cores))
}

test('the kubelet’s weight of v2 is what it made of a request', () => {
  for (const milli of [100, 250, 1_000, 3_500]) {
    const shares = Math.trunc((milli * 1_024) / 1_000)
    const weight = BigInt(1 + Math.trunc(((shares - 2) * 9_999) / 262_142))
    const { cores } = reserved('pod', [{ weight }])
    // The kubelet rounds down to whole weights, of which a core is 39.
    assert.ok(cores <= milli / 1_000 && cores > milli / 1_000 - 0.03, `${cores} of ${milli} m`)
  }
})

test('of a pod that a runtime spreads over several groups each counts', () => {
  const half = { quotaUs: 50_000n, periodUs: 100_000n, memoryMaxBytes: GIB }
  assert.deepEqual(reserved('pod', [half, half]), { cores: 1, memoryBytes: Number(2n * GIB) })
})

const MEMORY: readonly [string, Partial<Reservation>, bigint, bigint][] = [
  ['what it has, without a promise', {}, GIB, GIB],
  ['its limit', { memoryMaxBytes: 3n * GIB }, GIB, 3n * GIB],
  ['what it has, without a limit', { memoryMaxBytes: 'unlimited', memoryLowBytes: 'unlimited' }, GIB, GIB],
  ['the most of what is promised', { memoryMinBytes: GIB, memoryLowBytes: 2n * GIB }, 0n, 2n * GIB],
  ['no more than is installed', { memoryMaxBytes: 64n * GIB }, GIB, 16n * GIB],
]

for (const [what, given, has, bytes] of MEMORY) {
  test(`memory of a consumer: ${what}`, () => {
    const claims = claimed([useOf('one', 'service', [given], { memoryBytes: has })])
    assert.deepEqual(claims, { one: [0, Number(bytes) / Number(GIB)] })
  })
}

const CORE = { quotaUs: 100_000n, periodUs: 100_000n }
const SLICE = consumer('tenant.slice', 'slice')

test('what a slice has reserved beyond those inside it is its own', () => {
  const slice = (given: Partial<Reservation>) => useOf('tenant.slice', 'slice', [given], { memoryBytes: GIB })
  const inside = [
    useOf('web', 'service', [{ ...CORE, memoryMaxBytes: 2n * GIB }], { holder: SLICE }),
    useOf('job', 'scope', [{}], { holder: SLICE, memoryBytes: GIB }),
  ]
  const web = [1, 2]
  const job = [0, 1]
  const promised = { quotaUs: 300_000n, periodUs: 100_000n, memoryMinBytes: 8n * GIB }
  assert.deepEqual(claimed([slice(promised), ...inside]), { 'tenant.slice': [2, 6], web, job })
  // A limit of memory alone promises nothing to all who come to be in it.
  assert.deepEqual(claimed([slice({ memoryMaxBytes: 8n * GIB }), ...inside]), { 'tenant.slice': [0, 1], web, job })
  // Those inside may be promised more than there is.
  assert.deepEqual(claimed([slice({ ...CORE, quotaUs: 50_000n }), ...inside]), { 'tenant.slice': [0, 1], web, job })
})

test('a slice in a slice has its part of what is reserved for both', () => {
  const inner = consumer('inner.slice', 'slice')
  const uses = [
    useOf('tenant.slice', 'slice', [{ ...CORE, quotaUs: 400_000n }]),
    useOf('inner.slice', 'slice', [{ cpus: 3n }], { holder: SLICE }),
    useOf('web', 'service', [CORE], { holder: inner }),
  ]
  assert.deepEqual(claimed(uses), { 'tenant.slice': [1, 0], 'inner.slice': [2, 0], web: [1, 0] })
})
