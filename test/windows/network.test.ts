import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { bytesBetween, ELSEWHERE, elsewhereJ, networkBytes } from '../../src/commands/exec-network.ts'

const HEAD = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`

test('the bytes of all interfaces but the loopback, and what they cost elsewhere', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-net-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'dev')
  writeFileSync(
    file,
    `${HEAD}    lo: 99999 9 0 0 0 0 0 0 99999 9 0 0 0 0 0 0\n  eth0:1000000000 9 0 0 0 0 0 0 500 9 0 0 0 0 0 0\nveth1: 20 1 0 0 0 0 0 0 30 1 0 0 0 0 0 0\n`,
  )
  const bytes = networkBytes(file) ?? assert.fail()
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

test('the factor is that of the model it names', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('@tgwf/co2'))
  const constants = readFileSync(join(folder, 'constants/index.js'), 'utf8')
  assert.match(constants, new RegExp(`OPERATIONAL_KWH_PER_GB_NETWORK: ${ELSEWHERE.kwhPerGb},`))
})
