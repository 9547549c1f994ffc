import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { systemClock } from '../../../src/native/system-clock.ts'
import { nut } from '../../../src/sensors/nut/nut.ts'
import { nutSchema } from '../../../src/sensors/nut/schema.ts'

/*
 * The real upsd with its driver for made-up supplies (Debian: nut-server).
 */

const { signal } = new AbortController()

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

function run(t: TestContext, folder: string, command: string, ...args: readonly string[]): ChildProcess {
  const env = { ...process.env, NUT_CONFPATH: folder, NUT_STATEPATH: folder, NUT_ALTPIDPATH: folder }
  const child = spawn(command, args, { env, stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  return child
}

test('the real upsd: its answer, and a driver that ends', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-nut-'))
  chmodSync(folder, 0o700)
  t.after(() => rmSync(folder, { recursive: true }))
  const port = await freePort()
  const say = (watts: string) =>
    writeFileSync(join(folder, 'rack.dev'), `ups.mfr: test\nups.status: OL\nups.realpower: ${watts}\nups.power: 400\n`)
  say('312')
  writeFileSync(join(folder, 'ups.conf'), '[rack]\n  driver = dummy-ups\n  port = rack.dev\n')
  writeFileSync(join(folder, 'upsd.conf'), `LISTEN 127.0.0.1 ${port}\nSTATEPATH ${folder}\nMAXAGE 5\n`)
  writeFileSync(join(folder, 'upsd.users'), '')
  const user = process.geteuid?.() === 0 ? ['-u', 'root'] : []
  const driver = run(
    t,
    folder,
    '/lib/nut/dummy-ups',
    '-a',
    'rack',
    '-F',
    '-s',
    'rack',
    '-x',
    'mode=dummy-once',
    ...user,
  )
  run(t, folder, '/lib/nut/upsd', '-F', ...user)
  const inputs = [{ server: `127.0.0.1:${port}`, ups: 'rack', scope: 'ac_in', device: 'ups' }]
  const settings = nutSchema.parse({ inputs })
  const sensor = nut.create(settings, { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock: systemClock })
  t.after(() => sensor.close())
  for (let tries = 0; ; tries += 1) {
    try {
      await sensor.open(signal)
      break
    } catch (error) {
      if (tries > 100) throw error
      await setTimeout(100)
    }
  }
  const ask = async () => (await sensor.readNow(signal))[0]?.readings[0]
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
