import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, unlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { systemClock } from '../../../src/native/system-clock.ts'
import { HwmonClass } from '../../../src/sensors/hwmon/class.ts'
import { hwmon } from '../../../src/sensors/hwmon/hwmon.ts'
import { acpiPowerMeter7, amdgpuBoard } from '../../fixtures/machines/hwmon.ts'
import { writeMachine } from '../../fixtures/machines/machine.ts'
import { holdReads } from '../../native/held-reads.ts'

const { signal } = new AbortController()
const root = mkdtempSync(join(tmpdir(), 'wattledger-hwmon-stuck-'))
after(() => rmSync(root, { recursive: true }))

test('a chip that hangs costs its own readings and holds up neither the others nor the end', async (context) => {
  const at = join(root, 'reads')
  writeMachine(at, { ...acpiPowerMeter7, ...amdgpuBoard })
  const hold = await holdReads(join(at, 'sys/class/hwmon/hwmon4/power1_average'))
  if (typeof hold === 'string') {
    context.skip(hold)
    return
  }
  const sensor = hwmon.create(
    { interval: 100 },
    { sysfs: join(at, 'sys'), procfs: '/proc', devfs: '/dev', clock: systemClock },
  )
  try {
    const [acpi, gpu] = await sensor.open(signal)
    assert.equal(acpi?.scope, 'ac_in')
    assert.equal(gpu?.scope, 'gpu')
    await hold.held

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
    await hold.release()
    await sensor.close()
  }
})

test('a chip whose label hangs is left out until it comes, and takes one thread of the pool', async (context) => {
  const at = join(root, 'labels')
  writeMachine(at, { ...acpiPowerMeter7, ...amdgpuBoard })
  const hold = await holdReads(join(at, 'sys/class/hwmon/hwmon3/power1_label'))
  if (typeof hold === 'string') {
    context.skip(hold)
    return
  }
  // Long enough for the texts that do come, on a machine that is busy with other tests.
  const chips = new HwmonClass(join(at, 'sys'), 250)
  try {
    // The pool has four threads: were the label read each time, the fourth look would be the last thing to happen.
    for (let look = 0; look < 8; look += 1) {
      assert.deepEqual(
        (await chips.chips()).map(({ name }) => name),
        ['power_meter'],
      )
    }
    assert.equal(await readFile(join(at, 'sys/class/hwmon/hwmon4/name'), 'utf8'), 'power_meter\n')
    await hold.release()
    let found = await chips.chips()
    while (found.length < 2) found = await chips.chips()
    assert.equal(found[1]?.texts.get('power1_label'), 'PPT')
  } finally {
    await hold.release()
  }
})

test('a FIFO in place of a text costs that text alone', async () => {
  const at = join(root, 'fifo')
  writeMachine(at, { ...acpiPowerMeter7, ...amdgpuBoard })
  const label = join(at, 'sys/class/hwmon/hwmon3/power1_label')
  unlinkSync(label)
  execFileSync('mkfifo', [label])
  const found = await new HwmonClass(join(at, 'sys')).chips()
  assert.deepEqual(
    found.map(({ name, texts }) => [name, texts.get('power1_label')]),
    [
      ['power_meter', undefined],
      ['amdgpu', undefined],
    ],
  )
})
