import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { systemClock } from '../../../src/native/system-clock.ts'
import { nut } from '../../../src/sensors/nut/nut.ts'
import { nutSchema } from '../../../src/sensors/nut/schema.ts'
import { freePort } from '../../lab/free-port.ts'
import { CERTIFICATES } from './upsd.ts'

/*
 * The real upsd with its driver for made-up supplies (Debian: nut-server), and NSS's tools for its certificate (libnss3-tools).
 */

const { signal } = new AbortController()

function run(t: TestContext, folder: string, command: string, ...args: readonly string[]): ChildProcess {
  const env = { ...process.env, NUT_CONFPATH: folder, NUT_STATEPATH: folder, NUT_ALTPIDPATH: folder }
  const child = spawn(command, args, { env, stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  return child
}

interface Served {
  readonly server: string
  readonly driver: ChildProcess
}

/** upsd and its driver, which tells of 312 W. */
async function serve(t: TestContext, folder: string, more = ''): Promise<Served> {
  const port = await freePort('tcp')
  const device = ['ups.mfr: test', 'ups.status: OL', 'ups.realpower: 312', 'ups.power: 400', '']
  writeFileSync(join(folder, 'rack.dev'), device.join('\n'))
  writeFileSync(join(folder, 'ups.conf'), '[rack]\n  driver = dummy-ups\n  port = rack.dev\n')
  writeFileSync(join(folder, 'upsd.conf'), `LISTEN 127.0.0.1 ${port}\nSTATEPATH ${folder}\nMAXAGE 5\n${more}`)
  writeFileSync(join(folder, 'upsd.users'), '')
  const user = process.geteuid?.() === 0 ? ['-u', 'root'] : []
  const once = ['-a', 'rack', '-F', '-s', 'rack', '-x', 'mode=dummy-once', ...user]
  const driver = run(t, folder, '/lib/nut/dummy-ups', ...once)
  run(t, folder, '/lib/nut/upsd', '-F', ...user)
  return { server: `127.0.0.1:${port}`, driver }
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-nut-'))
  chmodSync(folder, 0o700)
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Open as soon as upsd is there and hears its driver, and what it tells then. */
async function opened(t: TestContext, server: string, keys: object) {
  const settings = nutSchema.parse({ inputs: [{ server, ups: 'rack', scope: 'ac_in', device: 'ups', ...keys }] })
  const sensor = nut.create(settings, { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock: systemClock })
  t.after(() => sensor.close())
  const ask = async () => (await sensor.readNow(signal))[0]?.readings[0]
  for (let tries = 0; ; tries += 1) {
    try {
      await sensor.open(signal)
      if ((await ask())?.status === 'power') return ask
      assert.ok(tries < 300, 'upsd hears its driver')
    } catch (error) {
      if (tries > 300) throw error
    }
    await setTimeout(100)
  }
}

test('the real upsd: its answer, and a driver that ends', async (t) => {
  const { server, driver } = await serve(t, folderOf(t))
  const ask = await opened(t, server, {})
  const first = await ask()
  assert.ok(first?.status === 'power' && first.powerUw === 312_000_000n, JSON.stringify(first?.status))
  driver.kill('SIGKILL')
  // First it forgets what the driver told, then it says that nobody runs.
  const isGone = /its driver (hears nothing from it|does not run)/
  for (let tries = 0; ; tries += 1) {
    const last = await ask()
    if (last?.status === 'failed' && isGone.test(last.message)) break
    assert.ok(tries < 300, `upsd notices that its driver is gone: ${JSON.stringify(last?.status)}`)
    await setTimeout(100)
  }
})

/** A store of NSS, which Debian's upsd is built with, that has the certificate of the tests. */
function storeOf(folder: string): string {
  const store = join(folder, 'nss')
  mkdirSync(store)
  const bundle = join(folder, 'server.p12')
  const [cert, key] = ['crt', 'key'].map((end) => join(CERTIFICATES, `server.${end}`))
  const options = { stdio: 'pipe' } as const
  execFileSync('certutil', ['-N', '-d', `sql:${store}`, '--empty-password'], options)
  const parts = ['-in', `${cert}`, '-inkey', `${key}`, '-name', 'upsd', '-passout', 'pass:bundle']
  execFileSync('openssl', ['pkcs12', '-export', ...parts, '-out', bundle], options)
  execFileSync('pk12util', ['-i', bundle, '-d', `sql:${store}`, '-W', 'bundle'], options)
  return store
}

test('the real upsd over TLS', async (t) => {
  const folder = folderOf(t)
  const { server } = await serve(t, folder, `CERTPATH ${storeOf(folder)}\nCERTIDENT upsd ""\nDISABLE_WEAK_SSL true\n`)
  const fingerprint = new X509Certificate(readFileSync(join(CERTIFICATES, 'server.crt'))).fingerprint256
  for (const keys of [{ fingerprint }, { ca_file: join(CERTIFICATES, 'ca.crt') }]) {
    const reading = await (await opened(t, server, { tls: true, ...keys }))()
    assert.ok(reading?.status === 'power' && reading.powerUw === 312_000_000n, JSON.stringify(reading?.status))
  }
})
