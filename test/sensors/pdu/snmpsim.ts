import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { freePort } from '../../lab/free-port.ts'
import { type Recording, textOf } from './recordings.ts'

/** From PyPI, into an environment of Python's outside the repository, once. */
const PACKAGES = ['snmpsim==1.2.2', 'pysnmp==7.1.30', 'pysmi==2.0.0', 'pyasn1==0.6.5', 'cryptography==50.0.2']
const INSTALL_MS = 300_000

export const V3 = { username: 'meter', signs: 'correct-horse', encrypts: 'battery-staple' }

/** The program that plays recordings, installed if it is not there. */
function program(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const folder = join(cache, 'wattledger-tests', PACKAGES.join('_').replaceAll('==', '-'))
  const file = join(folder, 'bin', 'snmpsim-command-responder')
  if (existsSync(file)) return file
  const options = { timeout: INSTALL_MS, stdio: 'pipe' } as const
  execFileSync('python3', ['-m', 'venv', folder], options)
  execFileSync(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...PACKAGES], options)
  return file
}

/**
 * Plays each recording at a port of its own: to the community public, and to one user of SNMP v3 who signs by SHA-256 and
 * encrypts by AES. Returns their addresses.
 */
export async function play(t: TestContext, recordings: readonly Recording[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-snmpsim-'))
  const ports = await Promise.all(recordings.map(() => freePort('udp')))
  const args = recordings.flatMap((recording, at) => {
    const own = join(folder, recording.profile)
    mkdirSync(own)
    // The first is for the community, the second for a user without a context.
    for (const name of ['public', '']) writeFileSync(join(own, `${name}.snmprec`), textOf(recording))
    return [
      '--v3-engine-id=auto',
      `--v3-user=${V3.username}`,
      '--v3-auth-proto=SHA256',
      `--v3-auth-key=${V3.signs}`,
      '--v3-priv-proto=AES',
      `--v3-priv-key=${V3.encrypts}`,
      `--data-dir=${own}`,
      `--agent-udpv4-endpoint=127.0.0.1:${ports[at]}`,
    ]
  })
  const env = { ...process.env, SNMPSIM_ALLOW_ROOT: 'true' }
  const child = spawn(program(), [`--cache-dir=${join(folder, 'cache')}`, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.after(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })
  let listening = 0
  const said: string[] = []
  for await (const line of createInterface(child.stderr)) {
    said.push(line)
    if (/Listening at UDP\/IPv4 endpoint/.test(line)) listening += 1
    if (listening < recordings.length) continue
    // It tells of each request, and would wait for somebody to read that.
    child.stderr.resume()
    return ports.map((port) => `127.0.0.1:${port}`)
  }
  throw new Error(`snmpsim ended: ${said.slice(-10).join('\n')}`)
}
