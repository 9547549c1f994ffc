import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { sharingOf } from '../../src/attribution/accelerator-sharing.ts'
import { type AcceleratorUse, reservedIdle } from '../../src/attribution/accelerator-use.ts'
import { consumerOf } from '../../src/attribution/consumer-of.ts'
import type { AcceleratorState } from '../../src/native/accelerator-watch.ts'
import { exit, process, type Rig, rigOf, sharesOf } from './accelerators.ts'

const A = '/system.slice/a.service'
const B = '/system.slice/b.service'

/** Two services on one card, 3 to 1 in memory. */
async function twoOnOne(test: TestContext, ...control: string[]): Promise<Rig & { lines: readonly string[] }> {
  const lines = ['gpus 1', 'gpu 0 process 70 compute 3000', 'gpu 0 process 71 compute 1000', ...control]
  const rig = await rigOf(test, { control: lines })
  process(rig.procfs, 70, A)
  process(rig.procfs, 71, B)
  return { ...rig, lines }
}

const first = ([use]: readonly AcceleratorUse[]): AcceleratorUse => {
  assert.ok(use)
  return use
}

test('processes use a card by their multiprocessor time, and hold it by their memory', async (t) => {
  const { machine, sweep, lines } = await twoOnOne(t, 'gpu 0 utilization 80')
  const before = first((await sweep()).uses)
  machine.control(...lines, 'gpu 0 sample 70 1000000000 60', 'gpu 0 sample 71 1000000000 20')
  const { uses, devices } = await sweep()
  const use = first(uses)
  assert.equal(use.leaf, 'accelerators/0000:17:00.0')
  assert.equal(use.startNs, before.endNs)
  assert.equal(use.utilisation, 0.8)
  assert.deepEqual(sharesOf(use), { 'service:a.service': [600, 750], 'service:b.service': [200, 250] })
  assert.equal(sharingOf(devices[0] as AcceleratorState, 2), 'time-sliced')
})

test('whoever used a card and ended before anyone looked keeps its consumer; one never seen is system', async (t) => {
  const { machine, procfs, sweep } = await twoOnOne(t)
  await sweep()
  exit(procfs, 71)
  machine.control(
    'gpus 1',
    'gpu 0 process 70 compute 3000',
    'gpu 0 sample 70 1000000000 10',
    'gpu 0 sample 71 1000000000 50',
    'gpu 0 sample 999 1000000000 5',
  )
  assert.deepEqual(sharesOf(first((await sweep()).uses)), {
    'service:a.service': [100, 1000],
    'service:b.service': [500, 0],
    'system:': [50, 0],
  })
})

test('a pid that was given anew is another consumer, and what its former owner used last stays with that one', async (t) => {
  const { machine, procfs, sweep, lines } = await twoOnOne(t)
  await sweep()
  process(procfs, 70, '/user.slice/user-7.slice/session-1.scope', 2000)
  const rest = ['gpus 1', 'gpu 0 process 71 compute 1000']
  machine.control(...rest, 'gpu 0 sample 70 1000000000 40')
  assert.deepEqual(sharesOf(first((await sweep()).uses)), {
    'service:b.service': [0, 1000],
    'service:a.service': [400, 0],
  })
  machine.control(...lines, 'gpu 0 sample 70 2000000000 30')
  assert.deepEqual(sharesOf(first((await sweep()).uses)), { 'user:7': [300, 750], 'service:b.service': [0, 250] })
})

test('a process list that changes between two sweeps changes holders with it', async (t) => {
  const { machine, sweep } = await twoOnOne(t)
  await sweep()
  machine.control('gpus 1', 'gpu 0 process 71 compute 1000')
  const alone = await sweep()
  assert.deepEqual(sharesOf(first(alone.uses)), { 'service:b.service': [0, 1000] })
  assert.equal(sharingOf(alone.devices[0] as AcceleratorState, 1), 'alone')
  machine.control('gpus 1')
  const none = await sweep()
  assert.deepEqual(first(none.uses).holders, [])
  assert.equal(sharingOf(none.devices[0] as AcceleratorState, 0), 'none')
})

test('a driver that counts no process shares the card’s utilization by memory, or equally where it tells none', async (t) => {
  const refused = [
    'gpu 0 fails nvmlDeviceGetProcessUtilization 3',
    'gpu 0 fails nvmlDeviceGetProcessesUtilizationInfo 3',
    'gpu 0 utilization 40',
  ]
  const { machine, sweep, lines } = await twoOnOne(t, ...refused)
  await sweep()
  const byMemory = { 'service:a.service': [300, 750], 'service:b.service': [100, 250] }
  assert.deepEqual(sharesOf(first((await sweep()).uses)), byMemory)
  machine.control(...lines.map((line) => line.replace(/(process 7\d compute) .*/, '$1 -')))
  const equally = { 'service:a.service': [200, 500], 'service:b.service': [200, 500] }
  assert.deepEqual(sharesOf(first((await sweep()).uses)), equally)
})

test('a driver without the functions tells nothing of the users, and that of one that has the older ones is enough', async (t) => {
  const newer = ['Compute', 'Graphics', 'MPSCompute'].map((kind) => `nvmlDeviceGet${kind}RunningProcesses_v3`)
  const older = newer.map((name) => name.replace('_v3', '_v2'))
  const control = ['gpus 1', 'gpu 0 process 70 compute 1', 'gpu 0 utilization 50']
  const none = await rigOf(t, { control, without: [...newer, ...older] })
  await none.sweep()
  assert.deepEqual((await none.sweep()).uses, [])
  const some = await rigOf(t, {
    control,
    without: [...newer, 'nvmlDeviceGetProcessUtilization', 'nvmlDeviceGetProcessesUtilizationInfo'],
  })
  process(some.procfs, 70, A)
  await some.sweep()
  assert.deepEqual(sharesOf(first((await some.sweep()).uses)), { 'service:a.service': [500, 1000] })
})

test('a driver that lists its processes farther apart is read as it writes', async (t) => {
  const rig = await rigOf(t, {
    control: ['gpus 1', 'gpu 0 wide-processes 1', 'gpu 0 process 70 compute 3000', 'gpu 0 process 71 compute 1000'],
    without: ['nvmlDeviceGetRunningProcessDetailList'],
  })
  process(rig.procfs, 70, A)
  process(rig.procfs, 71, B)
  await rig.sweep()
  const { uses } = await rig.sweep()
  assert.deepEqual(sharesOf(first(uses)), { 'service:a.service': [0, 750], 'service:b.service': [0, 250] })
})

test('instances of MIG share the board by their slices, and what is in none is nobody’s', async (t) => {
  const rig = await rigOf(t, {
    control: [
      'gpus 1',
      'gpu 0 mig 2',
      'gpu 0 instance 0 1 10240',
      'gpu 0 instance 1 2 20480',
      'gpu 0 process 70 compute 5 0',
      'gpu 0 process 71 compute 5 1',
    ],
  })
  process(rig.procfs, 70, A)
  process(rig.procfs, 71, B)
  await rig.sweep()
  const { uses, devices } = await rig.sweep()
  assert.deepEqual(sharesOf(first(uses)), { 'service:a.service': [143, 143], 'service:b.service': [286, 286] })
  assert.equal(first(uses).utilisation, null)
  assert.equal(sharingOf(devices[0] as AcceleratorState, 2), 'mig')
  rig.machine.control('gpus 1', 'gpu 0 mig 2', 'gpu 0 board-slices 2', 'gpu 0 process 70 compute 5 0')
  assert.deepEqual(sharesOf(first((await rig.sweep()).uses)), { 'service:a.service': [500, 500] })
})

test('what the server of MPS did was done for its clients', async (t) => {
  const control = ['gpus 1', 'gpu 0 process 60 compute 10', 'gpu 0 process 70 mps 3000', 'gpu 0 process 71 mps 1000']
  const rig = await rigOf(t, { control })
  process(rig.procfs, 60, '/system.slice/mps.service', 5, 'nvidia-cuda-mps')
  process(rig.procfs, 70, A)
  process(rig.procfs, 71, B)
  await rig.sweep()
  rig.machine.control(...control, 'gpu 0 sample 60 1000000000 40', 'gpu 0 sample 71 1000000000 20')
  const { uses, devices } = await rig.sweep()
  assert.deepEqual(sharesOf(first(uses)), { 'service:a.service': [300, 750], 'service:b.service': [300, 250] })
  assert.equal(sharingOf(devices[0] as AcceleratorState, 2), 'mps')
})

test('a card that is lost has no use until it has been back for an interval', async (t) => {
  const { machine, sweep, lines } = await twoOnOne(t)
  await sweep()
  machine.control(...lines, 'gpu 0 lost')
  assert.deepEqual((await sweep()).uses, [])
  machine.control(...lines)
  const back = first((await sweep()).uses)
  assert.equal(back.startNs, back.endNs)
  assert.ok(first((await sweep()).uses).startNs === back.endNs)
})

const holder = (path: string, use: bigint, reserved: bigint) => ({ consumer: consumerOf(path), use, reserved })

test('time in which a card did nothing is of those who held it without using it, and never more than it was idle', () => {
  const of = (holders: AcceleratorUse['holders'], utilisation: number | null) =>
    reservedIdle({ leaf: 'accelerators/x', startNs: 0n, endNs: 1000n, holders, utilisation }).map(
      ({ consumer, idleNs }) => [consumer.id, idleNs],
    )
  assert.deepEqual(of([holder(A, 0n, 1000n)], 0), [['a.service', 1000n]])
  assert.deepEqual(of([holder(A, 300n, 1000n)], 0.3), [['a.service', 700n]])
  // B's half is idle, but the card is so for a fifth of the time alone.
  assert.deepEqual(of([holder(A, 800n, 500n), holder(B, 0n, 500n)], 0.8), [['b.service', 200n]])
  assert.deepEqual(of([holder(A, 0n, 143n), holder(B, 286n, 286n)], null), [['a.service', 143n]])
  assert.deepEqual(of([], 0), [])
  assert.deepEqual(of([holder(A, 0n, 1000n)], 1), [])
})
