import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { readAllocations } from '../../src/attribution/accelerator-allocations.ts'
import { type AcceleratorUseSource, createAcceleratorUse } from '../../src/attribution/accelerator-component.ts'
import type { AcceleratorUse } from '../../src/attribution/accelerator-use.ts'
import { consumerKey, SYSTEM } from '../../src/model/consumer.ts'
import { AcceleratorWatch } from '../../src/native/accelerator-watch.ts'
import { systemClock } from '../../src/native/system-clock.ts'
import { NvmlMachine } from '../fixtures/nvml/machine.ts'
import { openMachine, readAll } from '../sensors/nvml/machine.ts'
import { exit, process, signal } from './accelerators.ts'

const POD = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'
const SLICE = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD.replaceAll('-', '_')}.slice`
const OTHER = POD.replace('0a', '0b')
const GPU = 'GPU-00000000-0000-4000-8000-000000000000'

function write(root: string, path: string, text: string): string {
  const file = join(root, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
  return file
}

function checkpoint(
  root: string,
  pods: readonly (readonly [uid: string, ids: unknown])[],
  registered: string[],
): string {
  const PodDeviceEntries = pods.map(([PodUID, DeviceIDs]) => ({ PodUID, ResourceName: 'nvidia.com/gpu', DeviceIDs }))
  const Data = { PodDeviceEntries, RegisteredDevices: { 'nvidia.com/gpu': registered } }
  return write(root, 'checkpoint', JSON.stringify({ Data, Checksum: 1 }))
}

async function machineOf(test: TestContext, ...control: string[]): Promise<NvmlMachine> {
  const machine = await NvmlMachine.create({ control })
  test.after(() => machine[Symbol.dispose]())
  return machine
}

async function sourceOn(test: TestContext, { directory, library }: NvmlMachine): Promise<AcceleratorUseSource> {
  const source = createAcceleratorUse({
    library,
    clock: systemClock,
    procfs: join(directory, 'proc'),
    cgroupfs: join(directory, 'cgroup'),
    checkpoint: join(directory, 'checkpoint'),
    units: join(directory, 'units'),
    intervalMs: 5,
    recoverAfterMs: 0,
  })
  test.after(() => source.stop(signal))
  await source.start(signal)
  return source
}

/** The first use that satisfies it. */
async function until(
  source: AcceleratorUseSource,
  isFound: (use: AcceleratorUse) => boolean = () => true,
): Promise<AcceleratorUse> {
  for (;;) {
    const found = source.take().find(isFound)
    if (found) return found
    await pause(2)
  }
}

test('follows who uses and who holds the cards', async (t) => {
  const machine = await machineOf(t, 'gpus 2', 'gpu 0 process 70 compute 5')
  process(join(machine.directory, 'proc'), 70, '/system.slice/a.service')
  const source = await sourceOn(t, machine)
  const first = await until(source)
  const second = await until(source, ({ leaf, startNs }) => leaf === first.leaf && startNs >= first.endNs)
  assert.ok(second.endNs > second.startNs)
  assert.deepEqual(
    second.holders.map(({ consumer, use }) => [consumerKey(consumer), use]),
    [['service:a.service', 0n]],
  )
  const [used, free] = source.cards
  assert.deepEqual([used?.leaf, used?.sharing, used?.holders], ['accelerators/0000:17:00.0', 'alone', 1])
  assert.ok((used?.reservedIdleNs ?? 0n) >= second.endNs - second.startNs)
  assert.deepEqual([free?.leaf, free?.sharing, free?.reservedIdleNs], ['accelerators/0000:18:00.0', 'none', 0n])
})

test('whose a process is that the driver names is seen at once, though nobody takes', async (t) => {
  const machine = await machineOf(t, 'gpus 1')
  const procfs = join(machine.directory, 'proc')
  const source = await sourceOn(t, machine)
  const { endNs } = await until(source)
  process(procfs, 70, '/system.slice/a.service')
  machine.control('gpus 1', 'gpu 0 process 70 compute 5')
  while (source.cards[0]?.holders !== 1) await pause(2)
  exit(procfs, 70)
  const { holders } = await until(source, (use) => use.startNs >= endNs && use.holders.length > 0)
  assert.deepEqual(
    holders.map(({ consumer }) => consumerKey(consumer)),
    ['service:a.service'],
  )
})

test('a call that hangs holds up neither taking nor the end, and the time it took is accounted after it', async (t) => {
  const machine = await machineOf(t, 'gpus 1')
  const source = await sourceOn(t, machine)
  await until(source)
  machine.control('gpus 1', 'hang nvmlDeviceGetComputeRunningProcesses_v3')
  while (!machine.log().some((line) => line.startsWith('hang'))) await pause(2)
  const last = source.take().at(-1)
  assert.deepEqual(source.take(), [])
  assert.equal(source.cards[0]?.sharing, 'none')
  machine.control('gpus 1')
  const next = await until(source)
  if (last) assert.equal(next.startNs, last.endNs)
  machine.control('gpus 1', 'hang nvmlDeviceGetComputeRunningProcesses_v3')
  while (machine.log().filter((line) => line.startsWith('hang')).length < 2) await pause(2)
  await source.stop(signal)
  machine.control('gpus 1')
})

test('a question about users that hangs costs no reading of the same card’s energy, nor the other way round', async (t) => {
  const { machine, sensor } = await openMachine(t, { control: ['gpus 1', 'gpu 0 energy-mj 5'] })
  const source = await sourceOn(t, machine)
  await until(source)
  machine.control('gpus 1', 'gpu 0 energy-mj 7', 'hang nvmlDeviceGetProcessUtilization')
  while (!machine.log().some((line) => line.startsWith('hang'))) await pause(2)
  assert.deepEqual(await readAll(sensor), ['count 7'])
  machine.control('gpus 1', 'gpu 0 energy-mj 9', 'hang nvmlDeviceGetTotalEnergyConsumption')
  const reading = readAll(sensor)
  while (!machine.log().some((line) => line.endsWith('EnergyConsumption'))) await pause(2)
  source.take()
  await until(source)
  machine.control('gpus 1', 'gpu 0 energy-mj 9')
  assert.deepEqual(await reading, ['count 9'])
})

test('what was read before anyone knows that the thread is open is taken as well', async (t) => {
  const { library } = await machineOf(t, 'gpus 1')
  const watch = new AcceleratorWatch({ library, intervalMs: 3_600_000, recoverAfterMs: 0 })
  t.after(() => watch.close())
  const opening = watch.open(10_000, signal)
  let frames = watch.take()
  while (frames.length === 0 || watch.inFlightSinceNs > 0n) frames = [...frames, ...watch.take()]
  assert.deepEqual(watch.take(), [])
  await opening
  await watch.sweepNow(10_000, signal)
  assert.equal(watch.take().length, 1)
})

test('nothing comes where there is no driver, and it stops before it starts and twice', async () => {
  const source = createAcceleratorUse({ library: 'libnvidia-ml.so.none', procfs: '/nonexistent', clock: systemClock })
  await source.stop(signal)
  const other = createAcceleratorUse({ library: 'libnvidia-ml.so.none', procfs: '/nonexistent', clock: systemClock })
  await other.start(signal)
  assert.deepEqual([other.take(), other.cards], [[], []])
  await other.stop(signal)
  await other.stop(signal)
})

test('a pod that was given a card holds it without a process; one that is gone does not', async (t) => {
  const machine = await machineOf(t, 'gpus 2')
  const { directory } = machine
  write(directory, `cgroup${SLICE}/cgroup.procs`, '')
  checkpoint(
    directory,
    [
      [POD, { '0': [`${GPU}::1`] }],
      [OTHER, [`${GPU}::0`]],
    ],
    [0, 1, 2, 3].map((n) => `${GPU}::${n}`),
  )
  const { startNs, endNs, holders } = await until(await sourceOn(t, machine), (use) => use.holders.length > 0)
  assert.deepEqual(
    holders.map(({ consumer, use }) => [consumerKey(consumer), consumer.labels.qos, use]),
    [[`pod:${POD}`, 'burstable', 0n]],
  )
  const quarterNs = (endNs - startNs) / 4n
  assert.ok([quarterNs, quarterNs + 1n].includes(holders[0]?.reserved ?? 0n))
})

test('what files tell of who was given cards', async (t) => {
  const { directory } = await machineOf(t)
  const files = {
    checkpoint: checkpoint(directory, [[POD, ['MIG-7', 'nvidia0', 5]]], []),
    groups: join(directory, 'cgroup'),
    devices: join(directory, 'devices'),
    units: join(directory, 'units'),
    self: { kind: 'container', id: 'b'.repeat(64), name: '', labels: {} } as const,
  }
  write(directory, `cgroup/kubepods/pod${POD}/cgroup.procs`, '')
  write(directory, 'devices/devices.list', 'a *:* rwm\n')
  const usual = 'c *:* m\nb *:* m\nc 1:3 rwm\n'
  write(directory, `devices/docker/${'a'.repeat(64)}/devices.list`, `${usual}c 195:1 rw\nc 195:255 rw\n`)
  write(directory, `devices/docker/${'b'.repeat(64)}/devices.list`, `${usual}c 195:1 rw\n`)
  write(directory, 'devices/system.slice/agent.service/devices.list', `${usual}c 195:* rw\nc 195:1 rw\n`)
  const allocations = await readAllocations(files, signal)
  assert.deepEqual(
    allocations.of('MIG-7')?.holders.map(({ consumer, weight }) => [consumer.id, weight]),
    [[POD, 1n]],
  )
  assert.equal(allocations.of(GPU), null)
  assert.deepEqual(
    allocations.permitted(1n, [1n]).map(({ consumer }) => consumerKey(consumer)),
    [`container:${'a'.repeat(64)}`],
  )
  assert.deepEqual([allocations.permitted(0n, []), allocations.permitted(null, [])], [[], []])
  const scope = `cri-containerd-${'c'.repeat(64)}.scope`
  write(directory, `units/${scope}`, `[Scope]\nSlice=${SLICE.split('/').at(-1)}\nDelegate=yes\n`)
  const first = 'DeviceAllow=\nDeviceAllow=/dev/char/195:255 rwm\nDeviceAllow=/dev/char/195:2 rwm\n'
  write(directory, `units/${scope}.d/50-DeviceAllow.conf`, `[Scope]\n${first}DeviceAllow=char-* m\n`)
  write(directory, 'units/all.service.d/50-DeviceAllow.conf', `${first}DeviceAllow=char-nvidia* rw\n`)
  write(directory, 'units/taken.service', `[Service]\n${first}`)
  write(directory, 'units/taken.service.d/50-DeviceAllow.conf', 'DeviceAllow=\nDeviceAllow=/dev/nvidia3 rw\n')
  write(directory, 'units/run-7.service', '[Service]\nSlice=batch-night.slice\nDeviceAllow=/dev/nvidia3 rw\n')
  const told = await readAllocations(files, signal)
  const idsOf = (minor: bigint) =>
    told
      .permitted(minor, [2n, 3n])
      .map(({ consumer }) => consumerKey(consumer))
      .sort()
  assert.deepEqual(
    [idsOf(2n), idsOf(3n), idsOf(255n)],
    [[`pod:${POD}`], ['service:run-7.service', 'service:taken.service'], []],
  )
  write(directory, 'units/monitor.service', '[Service]\nDeviceAllow=/dev/nvidia2 r\nDeviceAllow=/dev/nvidia3 r\n')
  const monitored = await readAllocations(files, signal)
  const holders = (cards: readonly bigint[]) => monitored.permitted(2n, cards).map(({ consumer }) => consumer.id)
  assert.deepEqual(holders([2n, 3n]), [POD], 'whoever may open all of several cards was given none')
  assert.deepEqual(holders([2n]), [POD, 'monitor.service'])
  const none = await readAllocations(
    { checkpoint: '/', groups: '/nonexistent', devices: '/x', units: '/x', self: SYSTEM },
    signal,
  )
  assert.equal(none.of('MIG-7'), null)
})
