import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { ReaderError } from '../../../src/native/reader-thread.ts'
import { systemClock } from '../../../src/native/system-clock.ts'
import { describeIpmi } from '../../../src/sensors/ipmi/codes.ts'
import { explainIpmi } from '../../../src/sensors/ipmi/endpoint.ts'
import { ipmi } from '../../../src/sensors/ipmi/ipmi.ts'
import { failure, QUIET_MS, sensorAt, setUp, signal } from './machine.ts'

describe('what a person can do', () => {
  function directory(t: TestContext): string {
    const path = mkdtempSync(join(tmpdir(), 'wattledger-ipmi-'))
    t.after(() => rmSync(path, { recursive: true }))
    return path
  }
  const open = (t: TestContext, devfs: string, device = '/dev/ipmi0') => {
    const context = { sysfs: '/sys', procfs: '/proc', devfs, clock: systemClock }
    const sensor = ipmi.create({ device, interval: QUIET_MS, deadline: 1_000 }, context)
    t.after(() => sensor.close())
    return failure(sensor.open(signal))
  }

  test('no device: the modules are not loaded', async (t) => {
    const error = await open(t, directory(t))
    assert.equal(error.code, 'SENSOR_ABSENT')
    assert.match(error.message, /^there is no \S+ipmi0: the machine has no BMC, or the modules for it are not loaded$/)
    assert.match(error.remedy ?? '', /^modprobe -a ipmi_devintf ipmi_si && /)
  })

  test('a plain file is no IPMI device', async (t) => {
    const devfs = directory(t)
    mkdirSync(join(devfs, 'ipmi'))
    // The older name, found for want of ipmi0.
    writeFileSync(join(devfs, 'ipmi/0'), '')
    const error = await open(t, devfs)
    assert.equal(error.code, 'SENSOR_ABSENT')
    assert.equal(error.message, `${devfs}/ipmi/0: not an IPMI device`)
  })

  test('no permission: the udev rule', async (t) => {
    const devfs = directory(t)
    const device = join(devfs, 'ipmi0')
    writeFileSync(device, '')
    chmodSync(device, 0)
    chmodSync(devfs, 0o755)
    const error = await asNobody(() => open(t, devfs))
    assert.equal(error.code, 'SENSOR_PERMISSION')
    assert.match(error.remedy ?? '', /KERNEL=="ipmi\[0-9\]\*", GROUP="wattledger-sensors", MODE="0440"/)
  })

  test('a unit that began before the module was loaded', () => {
    const endpoint = { path: '/dev/ipmi0', host: '', port: 0, deadlineNs: 1n }
    const denied = new ReaderError('SENSOR_PERMISSION', 'denied', -constants.errno.EPERM)
    const { message, remedy } = explainIpmi(denied, endpoint)
    assert.match(message, /^\/dev\/ipmi0 is not for this service: /)
    assert.match(remedy ?? '', /^systemctl restart wattledger/)
    const other = new ReaderError('SENSOR_TRANSIENT', 'busy', -constants.errno.EBUSY)
    assert.equal(explainIpmi(other, endpoint).remedy, undefined)
  })

  test('every failure has words', () => {
    assert.equal(describeIpmi(0xcb), 'the BMC answered cbh: sensor not present')
    assert.equal(describeIpmi(0x42), 'the BMC answered 42h: unknown')
    assert.equal(describeIpmi(0x103), 'not asked: the BMC did not answer lately and is left alone for a while')
    assert.equal(describeIpmi(-constants.errno.ETIMEDOUT), 'ETIMEDOUT: connection timed out')
    assert.equal(describeIpmi(-9999), 'errno 9999')
    for (let detail = -200; detail < 0x200; detail++) assert.notEqual(describeIpmi(detail), '')
  })

  test('nobody listens, or nobody is there', async (t) => {
    const bmc = await setUp(t)
    await bmc.vanish()
    const refused = await failure(sensorAt(t, bmc.url).open(signal))
    assert.equal(refused.code, 'SENSOR_TRANSIENT')
    assert.match(refused.message, /^vm:\/\/127.0.0.1:\d+: Connection refused$/)
    const unknown = await failure(sensorAt(t, 'vm://bmc.invalid:9002').open(signal))
    assert.equal(unknown.code, 'SENSOR_ABSENT')
  })
})

/** Runs as an unprivileged user if this process may choose; root would not be refused. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
