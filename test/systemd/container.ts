import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { skipWithout } from './program.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')

const PROGRAM = `#!/bin/sh
exec /opt/node --disable-sigusr1 /opt/repository/src/main.ts "$@"
`

/** Ends the container with it. */
const UNIT = `[Unit]
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
TimeoutStartSec=400
ExecStart=/opt/script
`

/** Where the program lies, for a unit of its own and for the agent's; and what it may take of a busy machine's time. */
const START = `[Service]
ExecStartPre=
ExecStartPre=-+/usr/bin/timeout --kill-after=1 60 /opt/wattledger inventory --save --config /etc/wattledger/wattledger.yaml
ExecStart=
ExecStart=/opt/wattledger agent --config /etc/wattledger/wattledger.yaml
`

export interface Booted {
  readonly status: number | null
  readonly output: string
  /** Lines of a file that the script wrote into its folder, /out. */
  said(file: string): string[]
}

/**
 * Boots systemd in a container of this machine's /usr and nothing else of it, with the agent's unit and a script that runs in
 * /out. `dropIn` is of the agent's unit, beside the place of the program. Null where it cannot be, and the test is skipped.
 */
export function boot(context: TestContext, script: string, dropIn = ''): Booted | null {
  if (skipWithout(context, 'systemd-nspawn')) return null
  if (process.geteuid?.() !== 0) {
    context.skip('a container takes root')
    return null
  }
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-container-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const files: [path: string, content: string, mode: number][] = [
    ['script', script, 0o755],
    ['program', PROGRAM, 0o755],
    ['unit', UNIT, 0o644],
    ['drop-in', `${START}${dropIn}`, 0o644],
  ]
  for (const [path, content, mode] of files) {
    writeFileSync(join(folder, path), content)
    chmodSync(join(folder, path), mode)
  }
  mkdirSync(join(folder, 'out'))
  const readOnly = {
    [REPOSITORY]: '/opt/repository',
    [process.execPath]: '/opt/node',
    [join(folder, 'program')]: '/opt/wattledger',
    [join(folder, 'script')]: '/opt/script',
    [join(folder, 'unit')]: '/etc/systemd/system/script.service',
    [join(folder, 'drop-in')]: '/etc/systemd/system/wattledger.service.d/test.conf',
    [join(REPOSITORY, 'systemd/wattledger.service')]: '/etc/systemd/system/wattledger.service',
    [join(REPOSITORY, 'systemd/sysusers.d/wattledger.conf')]: '/etc/sysusers.d/wattledger.conf',
  }
  const binds = Object.entries(readOnly).map(([from, to]) => `--bind-ro=${from}:${to}`)
  const options = ['--directory=/', '--volatile=yes', '--boot', '--register=no', '--keep-unit', '--console=pipe']
  const { status, stdout, stderr } = spawnSync(
    'systemd-nspawn',
    [...options, '--private-network', ...binds, `--bind=${join(folder, 'out')}:/out`, 'systemd.unit=script.service'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 500_000 },
  )
  return {
    status,
    output: `${stdout}${stderr}`,
    said: (file) =>
      readFileSync(join(folder, 'out', file), 'utf8')
        .trim()
        .split('\n'),
  }
}
