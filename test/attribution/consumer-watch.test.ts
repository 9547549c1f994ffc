import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ConsumerWatch } from '../../src/attribution/consumer-watch.ts'
import { RecordingLogger } from '../sampling/fakes.ts'

const { signal } = new AbortController()

function setting(t: TestContext, isRequired = false) {
  const procfs = mkdtempSync(join(tmpdir(), 'wattledger-watch-'))
  t.after(() => rmSync(procfs, { recursive: true }))
  const cgroupfs = join(procfs, 'cgroup')
  const logger = new RecordingLogger()
  const watch = new ConsumerWatch({
    roots: { procfs, cgroupfs },
    isRequired,
    name: (one) => one,
    bootId: 'boot',
    logger,
  })
  t.after(() => watch.stop())
  return { procfs, cgroupfs, logger, watch }
}

test('without control groups it says so once and follows nothing', async (t) => {
  const { watch, logger } = setting(t)
  await watch.start(signal)
  assert.deepEqual(logger.lines, ['warn attribution_absent'])
  assert.deepEqual([watch.isReading, watch.take()], [false, null])
})

test('control groups that may not be read are as good as none', async (t) => {
  const { watch, logger, procfs } = setting(t)
  writeFileSync(join(procfs, 'cgroup'), 'no folder')
  mkdirSync(join(procfs, 'self'))
  writeFileSync(join(procfs, 'self/mountinfo'), '31 23 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n')
  await watch.start(signal)
  assert.deepEqual(logger.lines, ['warn attribution_absent'])
  assert.equal(watch.isReading, false)
})

test('where they are required their absence is an error that names the key and the remedy', async (t) => {
  const { watch } = setting(t, true)
  await assert.rejects(watch.start(signal), {
    name: 'SensorError',
    message: /^attribution\.enabled is true, but .*mountinfo names no control groups: mount \/sys\/fs\/cgroup where/,
  })
  assert.equal(watch.isReading, false)
})

test('the use since the start is there from the first look on', async (t) => {
  const { watch, cgroupfs } = setting(t)
  const group = join(cgroupfs, 'web.service')
  mkdirSync(group, { recursive: true })
  writeFileSync(join(cgroupfs, 'cgroup.controllers'), '')
  const used = (us: number) => {
    for (const folder of [cgroupfs, group]) writeFileSync(join(folder, 'cpu.stat'), `usage_usec ${us}\n`)
  }
  used(1_000)
  await watch.start(signal)
  used(4_000)
  const first = watch.take()
  assert.deepEqual([first?.totalNs, first?.startNs], [0n, first?.endNs])
  let use = watch.take()
  const until = Date.now() + 30_000
  while (use === null && Date.now() < until) {
    await new Promise((resolve) => setImmediate(resolve))
    use = watch.take()
  }
  assert.equal(use?.startNs, first?.endNs)
  const web = use?.uses.find(({ consumer }) => consumer.name === 'web.service')
  assert.equal(web?.cpuNs, 3_000_000n)
})

test('a reservation is known at each look, and anew when somebody changes it or other groups come before', async (t) => {
  const { watch, cgroupfs } = setting(t)
  const group = join(cgroupfs, 'web.service')
  const make = (folder: string) => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'cpu.stat'), 'usage_usec 1000\n')
  }
  for (const folder of [cgroupfs, group]) make(folder)
  writeFileSync(join(cgroupfs, 'cgroup.controllers'), '')
  writeFileSync(join(group, 'cpu.max'), '150000 100000\n')
  const quota = () => {
    const web = watch.take()?.uses.find(({ consumer }) => consumer.name === 'web.service')
    return web?.reservations.map(({ quotaUs }) => quotaUs)
  }
  await watch.start(signal)
  assert.deepEqual(quota(), [150_000n])
  await watch.look()
  assert.deepEqual(quota(), [150_000n])
  for (const name of ['a.service', 'z.service']) make(join(cgroupfs, name))
  writeFileSync(join(group, 'cpu.max'), '50000 100000\n')
  const until = Date.now() + 30_000
  let last = quota()
  while (last?.[0] !== 50_000n && Date.now() < until) {
    await watch.look()
    last = quota()
  }
  assert.deepEqual(last, [50_000n])
})
