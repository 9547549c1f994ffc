import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { SensorError } from '../../../src/model/sensor-error.ts'
import type { NvmlMachine } from '../../fixtures/nvml/machine.ts'
import { machineOf, sensorOn, signal } from './machine.ts'

/** A machine whose library says this code, with its kernel module loaded, and these device nodes with these modes. */
async function refusing(
  t: TestContext,
  control: string,
  nodes: Readonly<Record<string, number>> = {},
): Promise<NvmlMachine> {
  const machine = await machineOf(t, { control: [control] })
  mkdirSync(join(machine.directory, 'driver/nvidia'), { recursive: true })
  writeFileSync(join(machine.directory, 'driver/nvidia/version'), 'NVRM version: 550.54.15\n')
  for (const [name, mode] of Object.entries(nodes)) {
    writeFileSync(join(machine.directory, name), '')
    chmodSync(join(machine.directory, name), mode)
  }
  return machine
}

async function failureOf(t: TestContext, machine: NvmlMachine): Promise<SensorError> {
  const error: unknown = await sensorOn(t, machine)
    .open(signal)
    .catch((cause: unknown) => cause)
  assert.ok(error instanceof SensorError)
  return error
}

test('a mismatch of library and module is told as such and asked about once an hour', async (t) => {
  const error = await failureOf(t, await refusing(t, 'fails nvmlInit_v2 18'))
  assert.equal(error.code, 'SENSOR_TRANSIENT')
  assert.equal(error.retryAfterMs, 3_600_000)
  assert.match(error.message, /LIB_RM_VERSION_MISMATCH \(18\)/)
  assert.match(error.remedy ?? '', /^reboot, or .*modprobe nvidia$/)
})

test('a module that is not loaded is an absence; device nodes that are not there are made by the persistence daemon', async (t) => {
  const absent = await failureOf(t, await machineOf(t, { control: ['fails nvmlInit_v2 9'] }))
  assert.equal(absent.code, 'SENSOR_ABSENT')
  assert.match(absent.remedy ?? '', /^modprobe nvidia /)
  const loaded = await failureOf(t, await refusing(t, 'fails nvmlInit_v2 9'))
  assert.equal(loaded.code, 'SENSOR_PERMISSION')
  assert.match(loaded.remedy ?? '', /^systemctl enable --now nvidia-persistenced /)
})

test('nodes that may be opened by their mode are kept away by the unit', async (t) => {
  for (const code of [4, 17]) {
    const error = await failureOf(
      t,
      await refusing(t, `fails nvmlInit_v2 ${code}`, { nvidiactl: 0o666, nvidia0: 0o666 }),
    )
    assert.equal(error.code, 'SENSOR_PERMISSION')
    assert.match(error.remedy ?? '', /DeviceAllow=\/dev\/nvidiactl rw\\nDeviceAllow=char-nvidia\* rw/)
  }
  const unknown = await failureOf(t, await refusing(t, 'fails nvmlInit_v2 999', { nvidiactl: 0o666 }))
  assert.equal(unknown.code, 'SENSOR_TRANSIENT')
  assert.match(unknown.remedy ?? '', /DeviceAllow=/)
})

test('no GPU may be opened: the code of the last one is that of the sensor', async (t) => {
  const error = await failureOf(
    t,
    await refusing(t, 'gpu * fails nvmlDeviceGetHandleByIndex_v2 4', { nvidiactl: 0o666 }),
  )
  assert.equal(error.code, 'SENSOR_PERMISSION')
  assert.match(error.message, /^GPU 1 returned 4: NO_PERMISSION \(4\)$/)
})

test('nodes that their mode keeps from the service are opened to it by group, or by the module if no group has them', async (t) => {
  const { directory } = await refusing(t, 'fails nvmlInit_v2 4', { nvidiactl: 0o666, nvidia0: 0o060 })
  chmodSync(directory, 0o755)
  assert.match(remedyAsService(directory), /SupplementaryGroups=\d+\\n/)
  chmodSync(join(directory, 'nvidia0'), 0)
  assert.match(remedyAsService(directory), /NVreg_DeviceFileMode=0666/)
})

/** What a process without privileges would be told: access(2) goes by the real user, and root may all. */
function remedyAsService(devfs: string): string {
  const program = `
    import { explainNvmlError } from ${JSON.stringify(import.meta.resolve('../../../src/sensors/nvml/remedy.ts'))}
    import { ReaderError } from ${JSON.stringify(import.meta.resolve('../../../src/native/reader-thread.ts'))}
    const context = { sysfs: '/sys', procfs: '/proc', devfs: ${JSON.stringify(devfs)} }
    console.log(explainNvmlError(new ReaderError('SENSOR_PERMISSION', 'nvmlInit_v2 returned 4', 4), context).remedy)`
  const nobody = process.geteuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  return execFileSync(process.execPath, ['--input-type=module', '--eval', program], { ...nobody, encoding: 'utf8' })
}
