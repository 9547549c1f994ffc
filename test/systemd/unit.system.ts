import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { skipWithout } from './program.ts'

const SYSTEMD = resolve(import.meta.dirname, '../../systemd')
const DROP_INS = readdirSync(join(SYSTEMD, 'drop-ins')).filter((file) => /^[a-z]+\.conf$/.test(file))
const root = mkdtempSync(join(tmpdir(), 'wattledger-unit-'))
after(() => rmSync(root, { recursive: true }))

const read = (file: string): string => readFileSync(join(SYSTEMD, file), 'utf8')

/** The unit as a package installs it, but for a program that need not be there. */
function planted(dropIns: readonly string[]): string {
  const folder = mkdtempSync(join(root, 'system-'))
  const unit = join(folder, 'wattledger.service')
  writeFileSync(unit, read('wattledger.service').replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'))
  mkdirSync(`${unit}.d`)
  for (const file of dropIns) cpSync(join(SYSTEMD, 'drop-ins', file), join(`${unit}.d`, file))
  return unit
}

function run(program: string, ...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  return { status, output: `${stdout}${stderr}` }
}

test('systemd-analyze verify has nothing to say of the unit, alone and with each drop-in', (context) => {
  if (skipWithout(context, 'systemd-analyze')) return
  for (const dropIns of [[], ...DROP_INS.map((file) => [file])]) {
    assert.deepEqual(run('systemd-analyze', 'verify', planted(dropIns)), { status: 0, output: '' }, dropIns.join())
  }
})

test('the exposure stays at 2.0 or below, for the reasons that the unit gives', (context) => {
  if (skipWithout(context, 'systemd-analyze')) return
  const unit = planted([])
  const { status, output } = run('systemd-analyze', 'security', '--offline=true', '--threshold=20', '--no-pager', unit)
  assert.equal(status, 0, output)
  const json = run('systemd-analyze', 'security', '--offline=true', '--json=short', unit).output
  const rows = JSON.parse(json) as { json_field: string; exposure: string | null }[]
  assert.deepEqual(
    rows.filter(({ exposure }) => exposure !== null).map(({ json_field, exposure }) => `${json_field} ${exposure}`),
    [
      'SystemCallFilter_debug 0.2',
      'RootDirectoryOrRootImage 0.1',
      'SupplementaryGroups 0.1',
      'PrivateDevices 0.2',
      'MemoryDenyWriteExecute 0.1',
      'RestrictAddressFamilies_AF_NETLINK 0.1',
      'RestrictAddressFamilies_AF_UNIX 0.1',
      'RestrictAddressFamilies_AF_INET_INET6 0.3',
      'ProtectProc 0.2',
      'ProcSubset 0.1',
      'PrivateNetwork 0.5',
      'PrivateUsers 0.2',
      'DeviceAllow 0.1',
      'IPAddressDeny 0.2',
      'UMask 0.1',
    ],
  )
})

test('what runs as root is one command, which has five seconds and may fail', () => {
  const commands = [...read('wattledger.service').matchAll(/^Exec\w+=([-+@:!]+)?(.+)$/gm)]
  assert.deepEqual(
    commands.filter(([, prefix]) => prefix !== undefined).map(([, prefix, command]) => `${prefix} ${command}`),
    [
      '-+ /usr/bin/timeout --kill-after=1 5 /usr/bin/wattledger inventory --save --config /etc/wattledger/wattledger.yaml',
    ],
  )
})

test('sysusers makes the user and the groups that the unit and the rules name', (context) => {
  if (skipWithout(context, 'systemd-sysusers')) return
  const machine = mkdtempSync(join(root, 'machine-'))
  mkdirSync(join(machine, 'etc'))
  const { status, output } = run('systemd-sysusers', `--root=${machine}`, join(SYSTEMD, 'sysusers.d/wattledger.conf'))
  assert.equal(status, 0, output)
  const groups = readFileSync(join(machine, 'etc/group'), 'utf8')
  assert.match(readFileSync(join(machine, 'etc/passwd'), 'utf8'), /^wattledger:x:\d+:\d+:.*:\/usr\/sbin\/nologin$/m)
  assert.match(groups, /^wattledger:x:\d+:$/m)
  assert.match(groups, /^wattledger-sensors:x:\d+:wattledger$/m)
  const named = [...read('wattledger.service').matchAll(/^(?:Group|SupplementaryGroups)=(.+)$/gm)].map(
    ([, group]) => group,
  )
  const granted = ['udev/60-wattledger.rules', 'drop-ins/60-wattledger-msr.rules'].flatMap((file) =>
    [...read(file).matchAll(/GROUP="([^"]+)"|\/chgrp (\S+)/g)].map(([, device, attribute]) => device ?? attribute),
  )
  assert.deepEqual(named, ['wattledger', 'wattledger-sensors'])
  assert.deepEqual(granted, ['wattledger-sensors', 'wattledger-sensors', 'wattledger-sensors'])
})

test('udevadm understands the rules', (context) => {
  if (skipWithout(context, 'udevadm')) return
  for (const file of ['udev/60-wattledger.rules', 'drop-ins/60-wattledger-msr.rules']) {
    const { status, output } = run('udevadm', 'verify', join(SYSTEMD, file))
    if (/unknown command/i.test(output)) {
      context.skip('udevadm verify came with systemd 254')
      return
    }
    assert.equal(status, 0, output)
  }
})

test('modules-load takes the list, and bears with a kernel that has none of it', (context) => {
  const program = '/usr/lib/systemd/systemd-modules-load'
  if (skipWithout(context, program)) return
  const { status, output } = run(program, join(SYSTEMD, 'modules-load.d/wattledger.conf'))
  assert.equal(status, 0, output)
})
