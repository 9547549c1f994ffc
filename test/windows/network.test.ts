import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { bytesBetween, ELSEWHERE, elsewhereJ, networkBytes, networkMeter } from '../../src/windows/network.ts'

const HEAD = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`

test('the bytes of all interfaces but the loopback, and what they cost elsewhere', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-net-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'net'))
  const file = join(folder, 'net/dev')
  writeFileSync(
    file,
    `${HEAD}    lo: 99999 9 0 0 0 0 0 0 99999 9 0 0 0 0 0 0\n  eth0:1000000000 9 0 0 0 0 0 0 500 9 0 0 0 0 0 0\nveth1: 20 1 0 0 0 0 0 0 30 1 0 0 0 0 0 0\n`,
  )
  const bytes = networkBytes(folder) ?? assert.fail()
  assert.deepEqual(bytes, { received: 1_000_000_020, sent: 530 })
  assert.deepEqual(bytesBetween({ received: 20, sent: 1_000 }, bytes), { received: 1_000_000_000, sent: 0 })
  // A gigabyte at 0.059 kWh.
  assert.ok(Math.abs(elsewhereJ({ received: 5e8, sent: 5e8 }, ELSEWHERE.kwhPerGb) - 212_400) < 1e-6)
})

test('where nothing tells it is unknown, and that of this machine can be told', () => {
  assert.equal(networkBytes('/nonexistent'), null)
  assert.equal(bytesBetween(null, { received: 1, sent: 1 }), null)
  assert.ok((networkBytes()?.received ?? -1) >= 0)
})

test('a meter is of one process, and of no other that has its number later', (t) => {
  const procfs = mkdtempSync(join(tmpdir(), 'wattledger-proc-'))
  t.after(() => rmSync(procfs, { recursive: true }))
  const is = (bytes: number, startTime: number) => {
    mkdirSync(join(procfs, '7/net'), { recursive: true })
    const rest = Array.from({ length: 18 }, () => 1)
    writeFileSync(join(procfs, '7/stat'), `7 (a) b) c) S ${rest.join(' ')} ${startTime} 5\n`)
    writeFileSync(join(procfs, '7/net/dev'), `${HEAD}eth0: ${bytes} 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0\n`)
  }
  is(100, 5_000)
  const meter = networkMeter(procfs, 7)
  is(350, 5_000)
  assert.deepEqual(meter(), { received: 250, sent: 0 })
  is(900, 6_000)
  assert.equal(meter(), null)
  assert.equal(networkMeter(procfs, 8)(), null)
  assert.ok((networkMeter('/proc', process.pid)()?.received ?? -1) >= 0)
})

test('the factor is that of the model it names', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('@tgwf/co2'))
  const constants = readFileSync(join(folder, 'constants/index.js'), 'utf8')
  assert.match(constants, new RegExp(`OPERATIONAL_KWH_PER_GB_NETWORK: ${ELSEWHERE.kwhPerGb},`))
})
