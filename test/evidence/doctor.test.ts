import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { stringify } from 'yaml'
import type { DoctorReport } from '../../src/commands/doctor-report.ts'
import { acpiPowerMeter6 } from '../fixtures/machines/hwmon.ts'
import { type Machine, writeMachine } from '../fixtures/machines/machine.ts'
import { epyc, xeon2s } from '../fixtures/machines/rapl.ts'
import { bare, vm } from './bare.ts'

const main = resolve(import.meta.dirname, '../../src/main.ts')
const NOBODY = 65_534
/** As the child that has put on the service's rights: these tests choose the rights themselves. */
const AS_SERVICE = { WATTLEDGER_DOCTOR_AS_SERVICE: 'test' }

const PACKAGE = 'sys/class/powercap/intel-rapl:0/energy_uj'
/** A register that counts at 100 W, from what its file says. */
const COUNTING = `const fs = require('fs'), file = fs.openSync(process.argv[1], 'r+'), from = +fs.readFileSync(file, 'utf8')
setInterval(() => fs.writeSync(file, Math.round(from + performance.now() * 100_000) + '\\n', 0), 20)`

/** A process of its own that counts on, and has begun to. */
function startCounting(file: string): ChildProcess {
  const from = readFileSync(file, 'utf8')
  const register = spawn(process.execPath, ['-e', COUNTING, file])
  const pause = new Int32Array(new SharedArrayBuffer(4))
  while (readFileSync(file, 'utf8') === from) Atomics.wait(pause, 0, 0, 10)
  return register
}

function doctor(
  machine: Machine,
  { mayRead = true, json = true, drawing = '' } = {},
): { status: number | null; stdout: string; report: DoctorReport } {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-doctor-'))
  try {
    chmodSync(root, 0o755)
    writeMachine(root, machine)
    const counters = globSync('sys/devices/virtual/powercap/**/energy_uj', { cwd: root })
    if (!mayRead) for (const counter of counters) chmodSync(join(root, counter), 0)
    const config = join(root, 'wattledger.yaml')
    writeFileSync(
      config,
      stringify({
        paths: { sysfs: `${root}/sys`, procfs: `${root}/proc`, state: `${root}/state` },
        sensors: { ipmi: { device: `${root}/ipmi0` }, hsmp: { device: `${root}/hsmp` } },
      }),
    )
    if (drawing) chmodSync(join(root, drawing), 0o600)
    const register = drawing && startCounting(join(root, drawing))
    const args = [main, 'doctor', '--config', config, ...(json ? ['--json'] : [])]
    const rights = process.geteuid?.() === 0 && !mayRead ? { uid: NOBODY, gid: NOBODY } : {}
    const { status, stdout } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, ...AS_SERVICE },
      ...rights,
    })
    if (register) register.kill()
    return {
      status,
      stdout,
      report: json
        ? (JSON.parse(stdout) as DoctorReport)
        : {
            user: '',
            note: null,
            sources: [],
            unmetered: [],
            offers: [],
            inventory: { known: [], said: [] },
            push: null,
          },
    }
  } finally {
    rmSync(root, { recursive: true })
  }
}

test('doctor: a machine with meters exits 0 and shows range and wrap time of each register', () => {
  const { status, report } = doctor({ ...bare, ...xeon2s, ...acpiPowerMeter6 }, { drawing: PACKAGE })
  assert.equal(status, 0)
  const powercap = report.sources.find(({ variant }) => variant === 'powercap')
  assert.ok(powercap?.usable)
  const shown = powercap.channels.find(({ scope, device }) => scope === 'package' && device === 'package-0')
  assert.equal(shown?.rangeJ, 262_143)
  assert.ok((shown?.wrapS ?? 0) >= 262)
  assert.match(shown?.now ?? '', /^\d+ counts, \d+\.\d W$/)
  assert.deepEqual(
    powercap.channels.map(({ measures }) => measures),
    [true, false, false, false, false],
    'the others stand still',
  )
  const acpi = report.sources.find(({ sensor }) => sensor === 'hwmon')
  assert.ok(acpi?.usable)
  assert.equal(acpi.channels[0]?.meter, 'acpi')
  assert.equal(acpi.channels[0]?.now, '287.0 W')
})

test('doctor: a machine with nothing exits 3', () => {
  const { status, report } = doctor(vm)
  assert.equal(status, 3)
  assert.deepEqual(
    report.sources.filter(({ usable }) => usable).map(({ sensor }) => sensor),
    ['estimate'],
  )
})

test('doctor: a register that stands still is no meter', () => {
  const { status, stdout } = doctor({ ...bare, ...epyc }, { json: false })
  assert.equal(status, 3)
  assert.match(stdout, /package package-0: \d+ counts, which did not move in 2 s\n/)
  assert.match(stdout, /No meter was found: energy can only be estimated\.\n$/)
})

test('doctor: without the right, each source says what grants it', () => {
  const { status, report } = doctor({ ...bare, ...epyc }, { mayRead: false })
  assert.equal(status, 3)
  const powercap = report.sources.find(({ variant }) => variant === 'powercap')
  assert.ok(powercap && !powercap.usable)
  assert.equal(powercap.code, 'SENSOR_PERMISSION')
  assert.match(powercap.remedy ?? '', /udev/)
})

test('doctor for a person: what works first, then what does not with its remedy, then the verdict', () => {
  const { stdout } = doctor({ ...bare, ...epyc }, { json: false, drawing: PACKAGE })
  assert.match(stdout, /✓ rapl by powercap\n {4}package package-0: \d+ counts, /)
  assert.match(stdout, /✗ nvml: .*\(SENSOR_ABSENT\)/)
  assert.match(stdout, /A meter was found: energy will be measured\.\n$/)
  assert.ok(stdout.indexOf('✓') < stdout.indexOf('✗'))
})

test('doctor: an accelerator that no sensor measures is named', () => {
  const card = 'sys/bus/pci/devices/0000:3b:00.0'
  const files = { [`${card}/class`]: '0x030200\n', [`${card}/vendor`]: '0x10de\n', [`${card}/device`]: '0x2330\n' }
  const named = /accelerator 0000:3b:00\.0 \(10de:2330\) has no driver: no sensor reports its power/
  assert.match(doctor({ ...vm, ...files }).report.unmetered[0] ?? '', named)
  assert.match(doctor({ ...vm, ...files }, { json: false }).stdout, named)
})

test('what the agent would not start with is said before anything is tried', () => {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-doctor-'))
  try {
    const config = join(root, 'wattledger.yaml')
    writeFileSync(config, 'carbon: { location: { source: static, figure: egrid/CAMY } }\n')
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'doctor', '--config', config], {
      encoding: 'utf8',
      env: { ...process.env, ...AS_SERVICE },
    })
    assert.deepEqual([status, stdout], [78, ''])
    assert.match(stderr, /carbon\.location\.figure: .* received "egrid\/CAMY" \(did you mean egrid\/CAMX\?\)/)
  } finally {
    rmSync(root, { recursive: true })
  }
})
