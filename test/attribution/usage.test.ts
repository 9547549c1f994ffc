import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CpuUse, UsageBook } from '../../src/attribution/usage.ts'
import { FakeKernel, UNRESERVED } from './kernel.ts'

const MS = 1_000_000n

/** Use of each consumer in ms, without those of none. */
function spent({ uses }: CpuUse): Record<string, number> {
  const some = uses.filter(({ cpuNs }) => cpuNs > 0n)
  return Object.fromEntries(some.map(({ consumer, cpuNs }) => [consumer.name, Number(cpuNs / MS)]))
}

function setting() {
  const kernel = new FakeKernel()
  const book = new UsageBook()
  const slice = kernel.birth(kernel.root, 'system.slice', false)
  const web = kernel.birth(slice, 'web.service', false)
  return { kernel, book, slice, web, take: () => book.take(kernel.pass()) }
}

test('the first pass is where counting begins, whatever was used before', () => {
  const { kernel, web, take } = setting()
  kernel.use(web, 900n * MS)
  const first = take()
  assert.equal(first.totalNs, 0n)
  assert.equal(first.startNs, first.endNs)
  kernel.use(web, 30n * MS)
  kernel.use(kernel.root, 5n * MS)
  const second = take()
  assert.deepEqual(spent(second), { system: 5, 'web.service': 30 })
  assert.equal(second.startNs, first.endNs)
})

test('all that a new group has used is of the interval in which it was born', () => {
  const { kernel, slice, take } = setting()
  take()
  const batch = kernel.birth(slice, 'batch.service')
  kernel.use(batch, 60n * MS)
  assert.deepEqual(spent(take()), { 'batch.service': 60 })
})

test('a group that is found late is no newcomer: what it used before it was found was its parent’s', () => {
  const { kernel, slice, take } = setting()
  take()
  kernel.use(slice, 40n * MS)
  take()
  const late = kernel.birth(slice, 'late.service', false)
  late.usageNs = 40n * MS
  kernel.use(late, 7n * MS)
  assert.deepEqual(spent(take()), { 'system.slice': 7 })
  kernel.use(late, 8n * MS)
  assert.deepEqual(spent(take()), { 'late.service': 8 })
})

test('those who are born and die between two passes have what they used, also what was not read of it', () => {
  const { kernel, slice, take } = setting()
  take()
  const seen = kernel.birth(slice, 'seen.service')
  const unseen = kernel.birth(slice, 'unseen.service')
  kernel.use(seen, 60n * MS)
  kernel.use(unseen, 50n * MS)
  kernel.death(seen, true)
  kernel.death(unseen, false)
  const use = take()
  assert.deepEqual(spent(use), { 'seen.service': 60, 'unseen.service': 50 })
  assert.deepEqual(
    use.uses.filter(({ isGone }) => isGone).map(({ consumer }) => consumer.name),
    ['seen.service', 'unseen.service'],
  )
  assert.equal(take().uses.length, 3)
})

test('what is not known of the dead is of those of a slice, by the time that nobody looked, and is the own of what runs something itself', () => {
  const { kernel, slice, web, take } = setting()
  take()
  for (const name of ['x.scope', 'y.scope']) {
    const group = kernel.birth(slice, name)
    kernel.use(group, 30n * MS)
    kernel.death(group, false, name === 'x.scope' ? 20n * MS : 40n * MS)
  }
  const container = kernel.birth(web, 'ab12'.repeat(16))
  kernel.use(container, 20n * MS)
  kernel.death(container, false)
  assert.deepEqual(spent(take()), { 'x.scope': 20, 'y.scope': 40, 'web.service': 20 })
})

test('a slice of a user’s is a slice: what is not known of a scope that dies in it is the scope’s', () => {
  const { kernel, take } = setting()
  const user = kernel.birth(kernel.root, 'user-1000.slice', false)
  const manager = kernel.birth(user, 'user@1000.service', false)
  const app = kernel.birth(manager, 'app.slice', false)
  take()
  const measured = 'wattledger-0b0e5a4c-3f0e-4d6e-9b1f-0a1b2c3d4e5f.scope'
  for (const slice of [user, app]) {
    const scope = kernel.birth(slice, measured)
    kernel.use(scope, 30n * MS)
    kernel.death(scope, false)
    assert.deepEqual(spent(take()), { [measured]: 30 })
  }
  const inner = kernel.birth(manager, measured)
  kernel.use(inner, 30n * MS)
  kernel.death(inner, false)
  assert.deepEqual(spent(take()), { 1000: 30 })
})

test('a service that is started anew goes on as the same consumer, and a count that begins at zero is no fall', () => {
  const { kernel, slice, web, take } = setting()
  kernel.use(web, 500n * MS)
  take()
  kernel.use(web, 20n * MS)
  kernel.death(web, true)
  const again = kernel.birth(slice, 'web.service')
  kernel.use(again, 3n * MS)
  const use = take()
  assert.deepEqual(spent(use), { 'web.service': 23 })
  assert.equal(use.falls, 0)
  assert.ok(use.uses.every(({ isGone }) => !isGone))
})

test('a count that falls adds nothing and is told', () => {
  const { kernel, web, take } = setting()
  kernel.use(web, 500n * MS)
  take()
  web.usageNs = 10n * MS
  const fallen = take()
  assert.deepEqual([fallen.totalNs, fallen.falls], [0n, 1])
  kernel.use(web, 4n * MS)
  assert.deepEqual(spent(take()), { 'web.service': 4 })
})

test('a nested consumer is not counted in the one around it, and parts of one are one', () => {
  const { kernel, slice, take } = setting()
  const node = kernel.birth(slice, `docker-${'ab12'.repeat(16)}.scope`)
  const pod = kernel.birth(node, 'kubelet-kubepods-pod0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f9.slice')
  const containers = ['cd34', 'ef56'].map((hex) => kernel.birth(pod, `cri-containerd-${hex.repeat(16)}.scope`))
  take()
  kernel.use(node, 11n * MS)
  for (const container of containers) kernel.use(container, 20n * MS)
  assert.deepEqual(spent(take()), { ab12ab12ab12: 11, '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9': 40 })
})

test('a root that counts by ticks less than its groups do takes nothing from them', () => {
  const { kernel, web, take } = setting()
  take()
  let totalNs = 0n
  for (let second = 0; second < 100; second++) {
    kernel.use(web, 1_000n * MS)
    kernel.root.usageNs -= 20n * MS
    totalNs += take().totalNs
  }
  assert.ok(totalNs >= 99_800n * MS, `${totalNs}`)
})

test('memory is disjoint too, and reservations are those of the outermost group of a consumer', () => {
  const { kernel, slice, web, take } = setting()
  const inner = kernel.birth(web, 'worker')
  Object.assign(slice, { memoryBytes: 1_000n })
  Object.assign(web, { memoryBytes: 700n, reservation: { ...UNRESERVED, cpus: 4n } })
  Object.assign(inner, { memoryBytes: 300n, reservation: { ...UNRESERVED, cpus: 2n } })
  const { uses } = take()
  const of = (name: string) => uses.find(({ consumer }) => consumer.name === name)
  assert.equal(of('web.service')?.memoryBytes, 700n)
  assert.deepEqual(of('web.service')?.reservations, [{ ...UNRESERVED, cpus: 4n }])
  assert.equal(of('system.slice')?.memoryBytes, 300n)
  assert.equal(of('system')?.memoryBytes, null)
  assert.deepEqual([of('web.service')?.holder, of('system')?.holder], [of('system.slice')?.consumer, null])
})

test('of groups by hand those count that somebody limited, the outermost first', () => {
  const { kernel, web, take } = setting()
  const batch = kernel.birth(kernel.root, 'batch', false)
  const [one, two] = ['one', 'two'].map((name) => kernel.birth(batch, name, false))
  assert.ok(one && two)
  const worker = kernel.birth(web, 'worker')
  const limited = { ...UNRESERVED, quotaUs: 150_000n, periodUs: 100_000n }
  const unlimited = { ...UNRESERVED, quotaUs: 'unlimited' as const, weight: 100n, cpus: 8n, memoryMinBytes: 0n }
  kernel.root.reservation = { ...UNRESERVED, cpus: 8n }
  for (const group of [batch, two, web]) group.reservation = unlimited
  one.reservation = limited
  worker.reservation = limited
  const of = (name: string) => take().uses.find(({ consumer }) => consumer.name === name)?.reservations
  assert.deepEqual(of('batch'), [limited])
  // What a service has for its own parts is its own affair.
  assert.deepEqual(of('web.service'), [unlimited])
  two.reservation = { ...unlimited, cpus: 2n }
  assert.deepEqual(of('batch'), [limited, two.reservation])
  batch.reservation = { ...UNRESERVED, memoryLowBytes: 1n }
  assert.deepEqual(of('batch'), [batch.reservation])
})
