import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { T0 } from '../ledger/setting.ts'
import { dayName, sealedLedger } from '../seal/setting.ts'
import { program } from './export-setting.ts'

test('seal says what it sealed, verify that nothing was changed, and with status 5 what was', async (t) => {
  const { state, path, write } = await sealedLedger(t)
  const run = program(state)
  assert.match((await run('verify')).stdout, /^There are no seals yet: /)
  write(0, 22)
  assert.match((await run('seal')).stdout, /^sealed 2026-11-22 {2}[0-9a-f]{64}\n$/)
  write(22, 23)
  const again = await run('seal')
  assert.match(again.stdout, /^Nothing to seal: the newest seal is that of 2026-11-22 {2}[0-9a-f]{64}\. A day is/)
  const sound = await run('verify')
  assert.equal(sound.status, 0)
  assert.match(
    sound.stdout,
    /^1 seal from 2026-11-22 to 2026-11-22 with 138 rows: nothing was changed\.\nThe newest is [0-9a-f]{64}: /,
  )
  const db = new Database(path)
  db.prepare('UPDATE part_hour SET energy_uj = 5 WHERE start_unix_ms = ?').run(T0)
  db.close()
  const changed = await run('verify')
  assert.equal(changed.status, 5)
  const [first, second] = changed.stdout.split('\n')
  assert.equal(first, '2026-11-22: part_hour 2026-11-22T02:00:00Z rest measured: energy_uj is 5, and was 1000000000')
  assert.match(second ?? '', /: 1 changed after it was sealed\.$/)
  const writer = new Database(path)
  writer.exec(`UPDATE part_hour SET part = char(27) || '[2J' WHERE start_unix_ms = ${T0}`)
  writer.close()
  assert.match((await run('verify')).stdout, /02:00:00Z \\u\{1b\}\[2J measured was added\n/)
  assert.equal(JSON.parse((await run('verify', '--json')).stdout).changeCount, 2)
})

test('what keeps a day from being sealed is a line with a remedy', async (t) => {
  const { state, path, write } = await sealedLedger(t)
  const run = program(state)
  write(0, 22)
  writeFileSync(join(state, 'seal.key'), '', { mode: 0o644 })
  chmodSync(join(state, 'seal.key'), 0o644)
  const open = await run('seal')
  assert.deepEqual([open.status, open.stdout], [1, ''])
  assert.match(open.stderr, /^wattledger: the key .*seal\.key may be read by others .*: chmod 0600 .*seal\.key\n$/)
  const db = new Database(path)
  db.exec('DROP TABLE late_change')
  db.close()
  for (const command of ['seal', 'verify']) {
    const { status, stderr } = await run(command)
    assert.equal(status, 1)
    assert.match(
      stderr,
      /^wattledger: the ledger .* is of an earlier version: start the agent once, which brings it up to date\n$/,
    )
  }
  assert.equal(dayName(0), '2026-11-22')
})
