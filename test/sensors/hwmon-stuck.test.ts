import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { hwmon } from '../../src/sensors/hwmon.ts'
import { HwmonClass } from '../../src/sensors/hwmon-class.ts'
import { systemClock } from '../../src/sensors/system-clock.ts'
import { acpiPowerMeter7, amdgpuBoard } from '../fixtures/machines/hwmon.ts'
import { plant } from '../fixtures/machines/plant.ts'

const { signal } = new AbortController()
const root = mkdtempSync(join(tmpdir(), 'wattledger-hwmon-stuck-'))
after(() => rmSync(root, { recursive: true }))

/**
 * Makes reads of a file hang in the kernel, as a driver does that waits for firmware: fanotify(7) holds each read until
 * its listener decides, and this one never does. When it ends, the kernel lets all reads go. Needs CAP_SYS_ADMIN.
 */
const HOLD_READS = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
FAN_CLASS_CONTENT, FAN_CLOEXEC, FAN_MARK_ADD, FAN_ACCESS_PERM, AT_FDCWD = 4, 1, 1, 0x20000, -100
group = libc.fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, os.O_RDONLY)
marked = group >= 0 and libc.fanotify_mark(group, FAN_MARK_ADD, ctypes.c_uint64(FAN_ACCESS_PERM), AT_FDCWD, sys.argv[1].encode())
print('holding' if marked == 0 else os.strerror(ctypes.get_errno()), flush=True)
if marked == 0:
    os.read(group, 4096)
    print('held', flush=True)
    sys.stdin.read()
`

test('a chip that hangs costs its own readings and holds up neither the others nor the end', async (context) => {
  const at = join(root, 'reads')
  plant(at, { ...acpiPowerMeter7, ...amdgpuBoard })
  const meter = join(at, 'sys/class/hwmon/hwmon4/power1_average')
  const holder = spawn('python3', ['-c', HOLD_READS, meter], { stdio: ['pipe', 'pipe', 'inherit'] })
  const hasEnded = once(holder, 'exit')
  const lines = createInterface(holder.stdout)[Symbol.asyncIterator]()
  const { value: answer } = await lines.next()
  if (answer !== 'holding') {
    context.skip(`no fanotify permission events here: ${answer}`)
    return
  }
  const sensor = hwmon.create(
    { intervalMs: 100 },
    { sysfs: join(at, 'sys'), procfs: '/proc', devfs: '/dev', clock: systemClock },
  )
  try {
    const [acpi, gpu] = await sensor.open(signal)
    assert.equal(acpi?.scope, 'ac_in')
    assert.equal(gpu?.scope, 'gpu')
    assert.equal((await lines.next()).value, 'held')

    const [stuck, good] = await sensor.readNow(signal)
    assert.deepEqual(
      stuck?.readings.map((reading) => reading.status === 'failed' && reading.code),
      ['SENSOR_TIMEOUT'],
    )
    assert.equal(good?.readings[0]?.status === 'power' && good.readings[0].powerUw, 38_000_000n)

    const drained = sensor.drain()
    const ofGpu = drained.filter(({ first }) => first === 1)
    assert.ok(ofGpu.length >= 10, `${ofGpu.length} sweeps of the other chip in the two seconds`)
    assert.ok(ofGpu.every(({ readings }) => readings[0]?.status === 'power'))
    const ofMeter = drained.filter(({ first }) => first === 0).flatMap(({ readings }) => readings)
    assert.ok(ofMeter.length > 0 && ofMeter.every(({ status }) => status === 'failed'))
    assert.equal(await sensor.changed(), false, 'looking for hardware waits for nothing that hangs')

    const startedNs = systemClock.monotonicNs()
    await sensor.close()
    assert.ok(systemClock.monotonicNs() - startedNs < 2_000_000_000n)
  } finally {
    holder.stdin?.end()
    await hasEnded
    await sensor.close()
  }
})

test('a chip whose label hangs is left out until it comes, and takes one thread of the pool', async () => {
  const at = join(root, 'labels')
  plant(at, { ...acpiPowerMeter7, ...amdgpuBoard })
  const label = join(at, 'sys/class/hwmon/hwmon3/power1_label')
  unlinkSync(label)
  execFileSync('mkfifo', [label])
  const chips = new HwmonClass(join(at, 'sys'), 20)
  // The pool has four threads: were the label read each time, the fourth look would be the last thing to happen.
  for (let look = 0; look < 8; look += 1) {
    assert.deepEqual(
      (await chips.chips()).map(({ name }) => name),
      ['power_meter'],
    )
  }
  assert.equal(await readFile(join(at, 'sys/class/hwmon/hwmon4/name'), 'utf8'), 'power_meter\n')
  const writer = openSync(label, 'w')
  writeSync(writer, 'PPT\n')
  closeSync(writer)
  let found = await chips.chips()
  while (found.length < 2) found = await chips.chips()
  assert.equal(found[1]?.texts.get('power1_label'), 'PPT')
})
