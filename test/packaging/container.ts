import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Container {
  /** An empty folder for what passes in and out. */
  readonly folder: string
  /** bash; the working directory is `folder`/out, as /out. */
  readonly script: string
  /** File or folder here to its path there, to be read. */
  readonly files: Readonly<Record<string, string>>
  /** Whether systemd runs in it. */
  readonly hasSystemd: boolean
}

const PATIENCE_MS = 580_000

/** A mount that ends with its namespace. systemd-nspawn does not run on / itself, whatever lies above it. */
const SPAWN = `upper=$1 work=$2 root=$3; shift 3
mount -t overlay overlay -o "lowerdir=/,upperdir=$upper,workdir=$work" "$root"
exec systemd-nspawn --directory="$root" "$@"`

/** Ends the container with the script. */
const UNIT = `[Unit]
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
Environment=HOME=/root
TimeoutStartSec=500
ExecStart=/opt/script
`

/**
 * Runs a script as root in a copy of this machine's file system, which is forgotten afterwards.
 * @returns what the script wrote into its files, by name, without the last line's end
 */
export function runContained({ folder, script, files, hasSystemd }: Container): (name: string) => string {
  const out = join(folder, 'out')
  mkdirSync(out, { recursive: true })
  const own = { script: join(folder, 'script'), unit: join(folder, 'unit') }
  writeFileSync(own.script, `#!/bin/bash\ncd /out\n${script}\nexit 0\n`)
  chmodSync(own.script, 0o755)
  writeFileSync(own.unit, UNIT)
  const shown = { [own.script]: '/opt/script', [own.unit]: '/etc/systemd/system/script.service', ...files }
  const binds = Object.entries(shown).map(([from, to]) => `--bind-ro=${from}:${to}`)
  const layers = ['upper', 'work', 'root'].map((name) => join(folder, name))
  for (const layer of layers) mkdirSync(layer)
  const options = [
    '--register=no',
    '--keep-unit',
    '--console=pipe',
    '--private-network',
    '--link-journal=no',
    '--quiet',
  ]
  const boot = hasSystemd ? ['--boot', 'systemd.unit=script.service'] : ['/opt/script']
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', 'sh', '-ec', SPAWN, 'sh', ...layers, ...options, ...binds, `--bind=${out}:/out`, ...boot],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE_MS },
  )
  if (status !== 0) throw new Error(`the container ended with ${status}: ${stdout}${stderr}`)
  return (name) => readFileSync(join(out, name), 'utf8').trim()
}
